"""Which of these tests need an extra."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("orjson") else ["test_fast_json.py"]
