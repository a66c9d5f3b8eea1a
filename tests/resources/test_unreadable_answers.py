"""What is told of answers that do not say what they have to."""

from aiozcrm._protocol import Reply
from aiozcrm.resources._results import unreadable


def test_an_answer_that_is_nested_too_deeply_to_be_shown_is_told_without_an_excerpt():
    """The error is the one for such an answer, not one about its depth."""
    data = []
    for _ in range(100_000):
        data = [data]
    error = unreadable(Reply(200, {}, data, 1, "https://example.org/x"), "it is no object")

    assert error.message == "https://example.org/x was answered 200, but it is no object."
    assert error.excerpt == ""
