"""The software of others; without it there is nothing here to collect."""

import importlib.util

_NEEDED = {
    "test_from_zoho_sdk.py": "zohocrmsdk",
    "test_taskiq.py": "taskiq_redis",
    "test_zoho_sdk.py": "zohocrmsdk",
}

collect_ignore = [file for file, module in _NEEDED.items() if not importlib.util.find_spec(module)]
