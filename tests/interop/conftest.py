"""Zoho's own client; without it there is nothing here to collect."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("zohocrmsdk") else ["test_*.py"]
