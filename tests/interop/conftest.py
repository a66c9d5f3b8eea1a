"""The software of others; without it there is nothing here to collect."""

import importlib.util

if not importlib.util.find_spec("zohocrmsdk"):
    collect_ignore_glob = ["test_*.py"]
