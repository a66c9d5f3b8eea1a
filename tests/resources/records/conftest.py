"""Bodies of Zoho's pages about records."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "samples" / "examples" / "records"


@pytest.fixture
def example() -> Callable[[str], Any]:
    """A function that returns the body of an example."""
    return lambda name: json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
