"""Names, types, column declarations and options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.parse import literals
from huntlens.kql.parse import messages as say
from huntlens.kql.parse.cursor import CLOSERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.parse.cursor import Cursor

_Item = TypeVar("_Item")

_TYPE_KEYS: Final = t.TYPES | t.NAMES
_SIGNED: Final = frozenset({t.LONG, t.REAL, t.TIMESPAN})
_BARE: Final = frozenset({t.LONG, t.REAL, t.TIMESPAN})
_NO_VALUES: Final = frozenset({"and", "or", "asc", "desc", *t.STRING_OPERATORS, *t.LIST_OPERATORS, *t.RANGE_OPERATORS})
LITERALS: Final = frozenset({
    t.STRING, t.LONG, t.INT, t.REAL, t.DECIMAL, t.BOOL, t.DATETIME, t.TIMESPAN, t.GUID, t.RAW_GUID,
})  # fmt: skip


def items(
    p: Cursor,
    element: Callable[[Cursor], _Item | None],
    missing: Callable[[], _Item],
    ends: frozenset[str] | None = CLOSERS,
    *,
    required: bool = False,
    trailing: bool = False,
) -> list[_Item]:
    """A list separated by commas, up to one of `ends`.

    Where `ends` is None the list has no known end, so two elements without a comma between them end it.
    `trailing` allows a comma at the end.
    """
    keys, found = p.keys, []
    item = None if ends and keys[p.at] in ends else element(p)
    if item is None and keys[p.at] == ",":
        item = missing()
    while item is not None:
        found.append(item)
        key = keys[p.at]
        if key == ",":
            p.at += 1
            key = keys[p.at]
            item = None if ends and key in ends else element(p)
            if item is None and not trailing:
                item = missing()
                if keys[p.at] != ",":
                    found.append(item)
                    break
        elif not ends or key in ends:
            break
        else:
            item = _without_comma(p, element)
    if required and not found:
        found.append(missing())
    return found


def _without_comma(p: Cursor, element: Callable[[Cursor], _Item | None]) -> _Item | None:
    if p.keys[p.at] in p.operators and p.begins_operator(p):
        return None
    start, end = p.missing_span()
    said = len(p.diagnostics)
    item = element(p)
    if item is not None:
        p.diagnostics.insert(said, say.MISSING_TOKEN.at(start, end, what=","))
    return item


def name(p: Cursor) -> tree.Name | None:
    """A name as an expression may use it."""
    return _name(p, t.NAMES)


def declared(p: Cursor) -> tree.Name | None:
    """A name where one is declared, which more words may be."""
    return _name(p, t.DECLARED)


def required_name(p: Cursor) -> tree.Name:
    """A name, or a missing one."""
    return _name(p, t.NAMES) or p.missing_name()


def _name(p: Cursor, allowed: frozenset[str]) -> tree.Name | None:
    at = p.at
    key = p.keys[at]
    if key in allowed:
        p.at = at + 1
        return tree.Name(p.starts[at], p.ends[at], p.texts[at])
    if key == "[":
        return bracketed(p)
    if key == "{":
        return braced(p)
    return None


def bracketed_end(p: Cursor, at: int) -> int:
    """The index behind `['name']` if that stands at `at`, else 0."""
    keys = p.keys
    if keys[at] != "[" or keys[at + 1] is not t.STRING:
        return 0
    at += 2
    while keys[at] is t.STRING:
        at += 1
    return at + 1 if keys[at] == "]" else 0


def bracketed(p: Cursor) -> tree.Name | None:
    """`['a name']`."""
    end = bracketed_end(p, p.at)
    if not end:
        return None
    start = p.at
    p.at += 1
    value = str(literal(p).value)
    p.at = end
    return tree.Name(p.starts[start], p.ends[end - 1], value, quoted=True)


def braced(p: Cursor) -> tree.Name | None:
    """`{name}`, a place that a client fills before it sends the query; the text keeps its braces."""
    at, keys = p.at, p.keys
    if keys[at] != "{" or keys[at + 1] not in t.NAMES or keys[at + 2] != "}" or p.starts[at + 2] != p.ends[at + 1]:
        return None
    p.at = at + 3
    return tree.Name(p.starts[at], p.ends[at + 2], "{" + p.texts[at + 1] + "}", quoted=True)


def declared_end(p: Cursor, at: int) -> int:
    """The index behind a declarable name if one stands at `at`, else 0."""
    key = p.keys[at]
    if key in t.DECLARED:
        return at + 1
    if key == "[":
        return bracketed_end(p, at)
    if key == "{" and p.keys[at + 1] in t.NAMES and p.keys[at + 2] == "}":
        return at + 3
    return 0


def wildcard(p: Cursor) -> tree.Wildcard | None:
    """`*`, `Dev*`, `*Time`, `a*b`: its parts stand without space between them."""
    keys, starts, ends = p.keys, p.starts, p.ends
    first = at = p.at
    if keys[at] == "*":
        at += 1
    elif keys[at] in t.DECLARED and keys[at + 1] == "*" and starts[at + 1] == ends[at]:
        at += 2
    else:
        return None
    while starts[at] == ends[at - 1] and (keys[at] in t.DECLARED or keys[at] in (t.LONG, "*")):
        at += 1
    p.at = at
    return tree.Wildcard(starts[first], ends[at - 1], "".join(p.texts[first:at]))


def bracketed_wildcard(p: Cursor) -> tree.Wildcard | None:
    """`[Dev*]`."""
    start = p.at
    if p.keys[start] != "[":
        return None
    p.at += 1
    found = wildcard(p)
    if found is None:
        p.at = start
        return None
    p.expect("]")
    return tree.Wildcard(p.starts[start], p.behind, found.pattern)


def type_name(p: Cursor, *, of_column: bool = True) -> tree.TypeName:
    """A type, or a missing one; a column takes fewer of them than `typeof` does."""
    at = p.at
    text = p.texts[at]
    if p.keys[at] in _TYPE_KEYS:
        p.at = at + 1
        if of_column and text not in t.COLUMN_TYPES:
            p.say(say.UNKNOWN_TYPE, p.starts[at], p.ends[at], text=text)
        return tree.TypeName(p.starts[at], p.ends[at], text.lower())
    behind = p.behind
    p.say(say.MISSING_TYPE, behind, behind)
    return tree.TypeName(behind, behind, "")


def column(p: Cursor) -> tree.ColumnDeclaration | None:
    """`name: type`."""
    start = p.starts[p.at]
    found = declared(p)
    if found is None:
        if p.keys[p.at] != ":":
            return None
        found = p.missing_name()
    p.expect(":")
    kind = type_name(p)
    return tree.ColumnDeclaration(min(start, found.start), p.behind, found, kind)


def _missing_column(p: Cursor) -> tree.ColumnDeclaration:
    found = p.missing_name()
    return tree.ColumnDeclaration(found.start, found.end, found, None)


def row_schema(p: Cursor, *, open_start: bool = False) -> list[tree.ColumnDeclaration]:
    """`(name: type, ...)`; commas may stand too many at either end, and a `*` first where `open_start` says so."""
    if p.keys[p.at] != "(":
        behind = p.behind
        p.say(say.MISSING_SCHEMA, behind, behind)
        return []
    p.at += 1 + open_start
    if p.keys[p.at] == ",":
        p.at += 1
    found = items(p, column, lambda: _missing_column(p), trailing=True)
    p.close(")")
    return found


def simple_path(p: Cursor) -> tree.Expr:
    """`name` or `name.name`, where a parenthesis behind it begins something else."""
    found = required_name(p)
    target: tree.Expr = tree.NameRef(found.start, found.end, found)
    while p.keys[p.at] == "." and found.text:
        p.at += 1
        found = required_name(p)
        target = tree.Member(target.start, found.end, target, found)
    return target


def options(p: Cursor, known: frozenset[str] = t.PARAMETERS) -> list[tree.Option]:
    """Every `name=value` that stands here with a known name."""
    found = []
    keys, texts = p.keys, p.texts
    while keys[p.at + 1] == "=" and texts[p.at] in known and keys[p.at] in t.WORDS:
        found.append(_option(p))
    return found


def _option(p: Cursor) -> tree.Option:
    at = p.at
    key = tree.Name(p.starts[at], p.ends[at], p.texts[at])
    p.at = at + 2
    value = option_value(p)
    return tree.Option(key.start, p.behind, key, value)


def option_value(p: Cursor) -> tree.Expr:
    """The value of an option: a word, a name or a literal."""
    at = p.at
    key = p.keys[at]
    found: tree.Expr | None
    if key in t.WORDS:
        p.at = at + 1
        found = tree.NameRef(p.starts[at], p.ends[at], tree.Name(p.starts[at], p.ends[at], p.texts[at]))
        if key in _NO_VALUES:
            p.say(say.RESERVED_WORD, p.starts[at], p.ends[at], text=p.texts[at])
    elif key in LITERALS:
        found = literal(p)
    elif key in ("+", "-"):
        found = signed(p)
    else:
        named = name(p)
        found = tree.NameRef(named.start, named.end, named) if named else None
    return found or p.missing()


def setting(p: Cursor) -> tree.Option | None:
    """`name=value` with any name, in `with (...)` of `render` and its like."""
    start = p.starts[p.at]
    key = declared(p)
    if key is None:
        return None
    p.expect("=")
    value = _more_names(p, option_value(p))
    return tree.Option(start, p.behind, key, value)


def _more_names(p: Cursor, first: tree.Expr) -> tree.Expr:
    """A list of names goes on while what follows the comma is no setting itself."""
    found = [first]
    while isinstance(first, tree.NameRef) and p.keys[p.at] == ",":
        end = declared_end(p, p.at + 1)
        if not end or p.keys[end] == "=":
            break
        p.at += 1
        name = declared(p)
        if name is not None:
            found.append(tree.NameRef(name.start, name.end, name))
    return tree.NameList(first.start, p.behind, found) if len(found) > 1 else first


def settings(p: Cursor, known: frozenset[str] = frozenset()) -> list[tree.Option]:
    """`(name=value, ...)`; the names are free where none is `known`."""
    p.expect("(")
    if p.keys[p.at] == ",":
        p.at += 1
    found = items(p, setting, lambda: _missing_setting(p))
    for one in found:
        if known and one.name.text and one.name.text not in known:
            listed = ", ".join(sorted(known))
            p.say(say.UNKNOWN_SETTING, one.name.start, one.name.end, text=one.name.text, known=listed)
    p.close(")")
    return found


def _missing_setting(p: Cursor) -> tree.Option:
    key = p.missing_name()
    return tree.Option(key.start, key.end, key, tree.Missing(key.start, key.end))


def literal(p: Cursor) -> tree.Literal:
    """The literal token that stands here; strings side by side are one."""
    at = p.at
    key, text = p.keys[at], p.texts[at]
    p.at = at + 1
    start, end = p.starts[at], p.ends[at]
    if key is t.STRING:
        return strings(p, at) if p.keys[p.at] is t.STRING else _string(p, text, start, end)
    if key is t.BOOL and "(" not in text:
        return tree.Literal(start, end, "bool", text[0] in "tT")
    if key in _BARE and text[0] in "0123456789":
        return tree.Literal(start, end, key[1:-1], literals.number_value(key, text))
    if key is t.RAW_GUID:
        p.say(say.RAW_GUID, start, end, text=text)
        return tree.Literal(start, end, "guid", text.lower())
    return _typed(p, key, text, start)


def _string(p: Cursor, text: str, start: int, end: int) -> tree.Literal:
    if "\\" not in text and text[0] in "\"'" and text[-1] == text[0] and len(text) > 1:
        return tree.Literal(start, end, "string", text[1:-1])
    check_string(p, text, start, end)
    value, hidden = literals.string_value(text)
    return tree.Literal(start, end, "string", value, hidden)


def strings(p: Cursor, first: int) -> tree.Literal:
    """Strings side by side, from the token `first` on, as one literal."""
    at = first
    values, hidden = [], False
    while p.keys[at] is t.STRING:
        check_string(p, p.texts[at], p.starts[at], p.ends[at])
        value, secret = literals.string_value(p.texts[at])
        values.append(value)
        hidden |= secret
        at += 1
    p.at = at
    return tree.Literal(p.starts[first], p.ends[at - 1], "string", "".join(values), hidden)


def check_string(p: Cursor, text: str, start: int, end: int) -> None:
    """Say what is wrong with a string token."""
    bad = literals.bad_escape(text)
    if bad is not None:
        p.say(say.BAD_ESCAPE, start + bad[0], start + bad[0] + len(bad[1]), text=bad[1])
    elif not literals.is_closed(text):
        body = text.lstrip("hH@")
        quote = body[:3] if body[:3] in ("```", "~~~") else body[:1]
        p.say(say.OPEN_STRING, end, end, quote=quote)


def _typed(p: Cursor, key: str, text: str, start: int) -> tree.Literal:
    end = start + len(text)
    kind = key[1:-1]
    content = text[text.index("(") + 1 :]
    if text[-1] == ")":
        content = content[:-1]
    else:
        p.say(say.MISSING_TOKEN, end, end, what=")")
    value, readable = literals.typed_value(kind, content)
    if not readable:
        p.say(say.UNREADABLE_LITERAL, start, end, text=content.strip()[:60], type=kind)
    tick = literals.seventh_digit(content) if kind == "datetime" else 0
    return tree.Literal(start, end, kind, value, tick=tick)


def signed(p: Cursor) -> tree.Literal | None:
    """`-5`, where only a literal may stand; the sign touches the number."""
    at = p.at
    if p.keys[at + 1] not in _SIGNED or p.starts[at + 1] != p.ends[at] or not p.texts[at + 1][0].isdigit():
        return None
    start = p.starts[at]
    negative = p.keys[at] == "-"
    p.at = at + 1
    found = literal(p)
    value = found.value
    if negative and isinstance(value, int | float):
        value = -value
    return tree.Literal(start, found.end, found.type, value)
