"""The part of CloudWatch's metric math that alarms here may use: numbers, ids, + - * /, comparisons, and IF.

Its grammar is a subset of Python's, so Python parses it. Anything else is refused when the alarm is created, instead of
ignored when it is evaluated.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import cast

Value = float | None

_ARITHMETIC: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type, Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def parse(text: str, ids: frozenset[str]) -> ast.expr:
    """Parses an expression over these ids. Raises ValueError, with an explanation, for unsupported syntax."""
    try:
        parsed = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError(
            f"The expression {text!r} cannot be read, or has operators that the rehearsal does not simulate."
        ) from None
    for node in _terms(parsed):
        if isinstance(node, ast.Name) and node.id not in ids:
            raise ValueError(f"The expression {text!r} names {node.id}, which is not an Id of the alarm's metrics.")
        if not _is_played(node):
            raise ValueError(f"The rehearsal does not simulate {ast.unparse(node)!r} in the expression {text!r}.")
    return parsed


def _terms(node: ast.expr) -> list[ast.expr]:
    """A node and its children; a function's name is not one."""
    below = (
        node.args if isinstance(node, ast.Call) else [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
    )
    return [node, *(term for child in below for term in _terms(child))]


def _is_played(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case ast.BinOp(op=op):
            return type(op) in _ARITHMETIC
        case ast.UnaryOp(op=op):
            return isinstance(op, ast.USub)
        case ast.Compare(ops=ops):
            return len(ops) == 1 and type(ops[0]) in _COMPARISONS
        case ast.Call(func=ast.Name(id="IF"), args=[_, _, _], keywords=[]):
            return True
        case _:
            return isinstance(node, ast.Name)


def evaluate(node: ast.expr, values: Mapping[str, Value]) -> Value:
    """The value for one period. None if CloudWatch has no datapoint: a required value is missing, or a division by 0."""
    match node:
        case ast.Constant(value=value):
            # parse() lets only numbers through.
            return float(cast(float, value))
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(operand=operand):
            value = evaluate(operand, values)
            return None if value is None else -value
        case ast.BinOp(left=left, op=op, right=right):
            return _both(_ARITHMETIC[type(op)], evaluate(left, values), evaluate(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _both(_COMPARISONS[type(op)], evaluate(left, values), evaluate(right, values))
        case ast.Call(args=[condition, then, otherwise]):
            held = evaluate(condition, values)
            return None if held is None else evaluate(then if held else otherwise, values)
    raise AssertionError("parse() lets nothing else through")


def _both(apply: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    try:
        return float(apply(left, right))
    except ZeroDivisionError:
        return None
