"""Constants that completion offers: values that the schema knows for a column, parts of dates, lengths of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.functions import find
from huntlens.kql.functions.signature import parameter_at
from huntlens.kql.schema import TableSchema, shipped

if TYPE_CHECKING:
    from huntlens.kql.edit.place import Place

LENGTHS: Final = ("1d", "7d", "14d", "30d", "1h", "12h", "30m", "5m")
BINS: Final = ("1h", "1d", "5m", "10m", "15m", "30m")
AMOUNTS: Final = ("10", "100", "1000", "1", "5", "50")

_WITH_AMOUNT: Final = (tree.Take, tree.Top, tree.Sample, tree.SampleDistinct, tree.TopHitters)
_NUMBERS: Final = frozenset({"int", "long", "real", "decimal"})


def known_values(place: Place) -> tuple[list[str], bool, str]:
    """What is known to stand at a cursor, whether these are texts, and what they are values of."""
    call = _call_around(place)
    if call is not None:
        values = _argument_values(call, place)
        if values:
            return values, True, call.name.text
    name = compared_column(place)
    if name is None or place.bound is None:
        return [], False, ""
    values, texts = [], False
    tables = {meaning.name: meaning for meaning in place.bound.symbols.values() if isinstance(meaning, TableSchema)}
    for table in tables.values():
        found = table.column(name)
        if found is not None and found.type != "dynamic":
            texts = found.type == "string"
            values += ("true", "false") if found.type == "bool" else found.values or _shipped_values(table.name, name)
    return list(dict.fromkeys(values)), texts, name


def common_values(place: Place) -> tuple[str, ...]:
    """Constants that are often written at such a place, known or not."""
    call = _call_around(place)
    if call is not None:
        if call.name.text == "ago":
            return LENGTHS
        if call.name.text in ("bin", "floor") and len(call.arguments) == 2:
            return BINS
        return ()
    if isinstance(place.operator, _WITH_AMOUNT) and getattr(place.operator, "amount", None) is place.node:
        return AMOUNTS
    kind = compared_type(place)
    if kind == "string":
        return ('""',)
    return ("0", "1") if kind in _NUMBERS else ()


def compared_column(place: Place) -> str | None:
    """The column on the other side of a comparison."""
    left = _compared(place)
    return left.name.text if isinstance(left, tree.NameRef) else None


def compared_type(place: Place) -> str:
    """The type of what the cursor's value is compared with; empty where it is compared with nothing."""
    left = _compared(place)
    if left is None or place.bound is None:
        return ""
    name = left.name if isinstance(left, tree.NameRef | tree.Call) else None
    meaning = place.bound.symbols.get(name) if name is not None else None
    if isinstance(meaning, plan.Column):
        return meaning.type
    return str(getattr(meaning, "returns", ""))


def _compared(place: Place) -> tree.Expr | None:
    for node in reversed(place.path):
        if isinstance(node, tree.Binary | tree.In):
            return node.left if node.left is not place.node else None
        if isinstance(node, tree.Operator | tree.Call):
            return None
    return None


def _call_around(place: Place) -> tree.Call | None:
    """The call that the cursor's value is an argument of."""
    around = [node for node in place.path if node is not place.node and not isinstance(node, tree.Name)]
    return around[-1] if around and isinstance(around[-1], tree.Call) else None


def _argument_values(call: tree.Call, place: Place) -> list[str]:
    """The words that the function takes there: parts of dates, kinds of hashes."""
    row = find(call.name.text)
    index = next((index for index, item in enumerate(call.arguments) if item is place.node), None)
    if row is None or index is None:
        return []
    formal = parameter_at(row.signature, index, len(call.arguments))
    return list(formal.values) if formal is not None and "string" in formal.types else []


def _shipped_values(table: str, column: str) -> tuple[str, ...]:
    """The values that the shipped schema knows: a connection tells names and types only."""
    known = shipped().table(table)
    found = known.column(column) if known is not None else None
    return found.values if found is not None else ()
