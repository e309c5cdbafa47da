"""`dynamic(...)`: JSON with KQL's literals in it, as one literal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.parse import literals
from huntlens.kql.parse import messages as say
from huntlens.kql.parse.cursor import CLOSERS
from huntlens.kql.parse.names import LITERALS, braced, literal

if TYPE_CHECKING:
    from huntlens.kql.parse.cursor import Cursor

_AS_TEXT: Final = frozenset({t.DATETIME, t.TIMESPAN, t.GUID, t.RAW_GUID, t.DECIMAL, t.INT})


def dynamic(p: Cursor) -> tree.Literal | None:
    """`dynamic(value)`."""
    at = p.at
    if p.keys[at + 1] != "(":
        return None
    p.at = at + 2
    value = _value(p)
    p.close(")")
    return tree.Literal(p.starts[at], p.behind, "dynamic", value)


def _value(p: Cursor) -> object:
    found, value = _maybe(p)
    if not found:
        behind = p.behind
        p.say(say.MISSING_JSON, behind, behind)
    return value


def _maybe(p: Cursor) -> tuple[bool, object]:
    """Whether a value stands here, and the value."""
    at = p.at
    key, text = p.keys[at], p.texts[at]
    if key is t.STRING and p.keys[at + 1] is not t.STRING:
        return True, literal(p).value
    if key in (t.LONG, t.REAL) and text[0] in "0123456789":
        p.at = at + 1
        return True, literals.number_value(key, text)
    if key == "[":
        return True, _array(p)
    if key == "{":
        return True, _text(p, at) if braced(p) else _object(p)
    if key == "null":
        p.at = at + 1
        return True, None
    if key == "-" and p.keys[at + 1] in (t.LONG, t.REAL):
        p.at = at + 1
        number = literal(p).value
        return True, -number if isinstance(number, int | float) else None
    if key in LITERALS:
        return True, _literal(p, key, at)
    if key == "dynamic":
        inner = dynamic(p)
        return inner is not None, inner.value if inner else None
    return False, None


def _literal(p: Cursor, key: str, at: int) -> object:
    if key is t.RAW_GUID:
        p.at = at + 1
        return p.texts[at]
    value = literal(p).value
    if key not in _AS_TEXT or value is None:
        return value
    text = p.texts[at]
    return text[text.index("(") + 1 : -1].strip() if text[-1] == ")" else text


def _text(p: Cursor, at: int) -> str:
    return p.text[p.starts[at] : p.behind]


def _array(p: Cursor) -> list[object]:
    values: list[object] = []
    p.at += 1
    p.deeper()
    while p.keys[p.at] not in CLOSERS:
        found, value = _maybe(p)
        if found:
            values.append(value)
        elif p.keys[p.at] != ",":
            break
        else:
            _missing_before_comma(p)
        if p.keys[p.at] == ",":
            p.at += 1
            if p.keys[p.at] in CLOSERS:
                _missing_before_comma(p)
        elif p.keys[p.at] not in CLOSERS:
            start, end = p.missing_span()
            if not _begins_value(p):
                break
            p.say(say.MISSING_TOKEN, start, end, what=",")
    p.depth -= 1
    p.close("]")
    return values


def _object(p: Cursor) -> dict[str, object]:
    pairs: dict[str, object] = {}
    p.at += 1
    p.deeper()
    while p.keys[p.at] not in CLOSERS:
        if not _pair(p, pairs):
            break
        if p.keys[p.at] == ",":
            p.at += 1
            if p.keys[p.at] in CLOSERS:
                _missing_before_comma(p)
        elif p.keys[p.at] not in CLOSERS:
            start, end = p.missing_span()
            if not (p.keys[p.at] == ":" or _begins_value(p)):
                break
            p.say(say.MISSING_TOKEN, start, end, what=",")
    p.depth -= 1
    p.close("}")
    return pairs


def _pair(p: Cursor, pairs: dict[str, object]) -> bool:
    """Read one `"key": value`; False if nothing of the kind stands here."""
    key = p.keys[p.at]
    if key is t.STRING:
        at = p.at
        p.at += 1
        name = literals.string_value(p.texts[at])[0]
        p.expect(":")
        pairs[name] = _value(p)
        return True
    if key == ":":
        _missing_before_comma(p)
        p.at += 1
        pairs[""] = _value(p)
        return True
    if key == ",":
        _missing_before_comma(p)
        return True
    if not _begins_value(p):
        return False
    _missing_before_comma(p)
    found, pairs[""] = _maybe(p)
    return found


def _begins_value(p: Cursor) -> bool:
    return p.keys[p.at] in LITERALS or p.keys[p.at] in ("[", "{", "null", "-", "dynamic")


def _missing_before_comma(p: Cursor) -> None:
    behind = p.behind
    p.say(say.MISSING_JSON, behind, behind)
