"""Brackets around conditions in pairs, since Zoho takes no more than two at a level."""

from __future__ import annotations

from collections.abc import Sequence

from aiozcrm._coql._tokens import Token, added, trimmed

__all__ = ["count_conditions", "joined", "pair"]


def pair(condition: Sequence[Token]) -> Sequence[Token]:
    """Return a condition in which each level has two conditions at most.

    Its meaning stays: ``and`` binds before ``or``. Where there are no more than two, it stays as
    it is.

    Args:
        condition: What stands behind ``where``.
    """
    operands, joins = _split(condition)
    if not all(map(trimmed, operands)):
        return condition  # Zoho tells what is missing.
    paired = [_within(operand) for operand in operands]
    if len(paired) <= 2:
        return _chained(paired, joins)
    groups: list[Sequence[Token]] = []
    ors: list[Token] = []
    start = 0
    for end, join in enumerate([*joins, None], start=1):
        if join is None or join.word == "or":
            group = _balanced(paired[start:end], joins[start : end - 1])
            groups.append(group if end - start == 1 or end - start == len(paired) else _wrap(group))
            start = end
            ors += [] if join is None else [join]
    return _balanced(groups, ors)


def joined(condition: Sequence[Token], other: str) -> Sequence[Token]:
    """Return a paired condition together with another one, such as ``id > '1'``."""
    level = 0
    for token in condition:
        level += {"(": 1, ")": -1}.get(token.word, 0)
        if token.role == "join" and level == 0:
            condition = _wrap(condition)
            break
    return [*condition, added(f" and {other}")]


def count_conditions(condition: Sequence[Token]) -> int:
    """Return how many conditions there are, those of subqueries included."""
    return 1 + sum(token.role == "join" for token in condition)


def _split(condition: Sequence[Token]) -> tuple[list[Sequence[Token]], list[Token]]:
    """Return the conditions of the outermost level, and what joins them."""
    level = min((token.depth for token in condition), default=0)
    cuts = [n for n, t in enumerate(condition) if t.role == "join" and t.depth == level]
    starts, ends = [0, *(cut + 1 for cut in cuts)], [*cuts, len(condition)]
    operands = [condition[start:end] for start, end in zip(starts, ends, strict=True)]
    return operands, [condition[cut] for cut in cuts]


def _within(operand: Sequence[Token]) -> Sequence[Token]:
    """Return one condition, with those in its brackets and its subquery paired."""
    inner = trimmed(operand)
    level = inner[0].depth
    opened = next((n for n, t in enumerate(operand) if t.word == "(" and t.depth == level), None)
    if opened is None:
        return operand
    closed = next(
        n for n in range(opened + 1, len(operand)) if operand[n].depth == level and operand[n].word
    )
    inside = operand[opened + 1 : closed]
    first = next((t for t in inside if t.kind != "space"), None)
    if first is not None and first.word == "select":
        inside = _subquery(inside, first.depth)
    elif operand[opened] is inner[0]:
        inside = pair(inside)
    return [*operand[: opened + 1], *inside, *operand[closed:]]


def _subquery(statement: Sequence[Token], level: int) -> Sequence[Token]:
    """Return a subquery with its conditions paired."""
    starts = [n for n, t in enumerate(statement) if t.role == "where" and t.depth == level]
    if not starts:
        return statement
    start = starts[0] + 1
    end = next(
        (
            n
            for n in range(start, len(statement))
            if statement[n].depth == level and statement[n].role in {"group", "order", "limit"}
        ),
        len(statement),
    )
    return [*statement[:start], *pair(statement[start:end]), *statement[end:]]


def _balanced(operands: Sequence[Sequence[Token]], joins: Sequence[Token]) -> Sequence[Token]:
    """Return conditions as a tree of brackets that is as deep on either side."""
    if len(operands) <= 2:
        return _chained(operands, joins)
    middle = (len(operands) + 1) // 2
    left = _wrap(_balanced(operands[:middle], joins[: middle - 1]))
    right = _balanced(operands[middle:], joins[middle:])
    if len(operands) - middle > 1:
        right = _wrap(right)
    return [*left, joins[middle - 1], *right]


def _chained(operands: Sequence[Sequence[Token]], joins: Sequence[Token]) -> Sequence[Token]:
    chained = list(operands[0])
    for join, operand in zip(joins, operands[1:], strict=True):
        chained += [join, *operand]
    return chained


def _wrap(condition: Sequence[Token]) -> Sequence[Token]:
    """Return a condition in brackets, with the blanks around it left outside."""
    start = next(n for n, token in enumerate(condition) if token.kind != "space")
    end = len(condition) - next(
        n for n, token in enumerate(reversed(condition)) if token.kind != "space"
    )
    inner = condition[start:end]
    return [*condition[:start], added("("), *inner, added(")"), *condition[end:]]
