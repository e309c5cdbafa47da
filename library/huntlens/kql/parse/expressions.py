"""Expressions: literals, names, calls, paths, operators by their precedence, and pipelines.

Each function leaves None where no expression begins; chains of `and` and `or` become balanced trees, so that a
thousand of them are no deep tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.parse import messages as say
from huntlens.kql.parse import names
from huntlens.kql.parse.cursor import CLOSERS, DEPTH, TooDeepError
from huntlens.kql.parse.dynamics import dynamic

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.parse.cursor import Cursor

_OR, _AND, _EQUAL, _COMPARE, _ADD, _MULTIPLY, _STRING = range(1, 8)

_SPELLED: Final = {
    "containscs": "contains_cs", "notcontains": "!contains", "notcontainscs": "!contains_cs", "<>": "!=",
    "likecs": "like_cs", "notlike": "!like", "notlikecs": "!like_cs",
}  # fmt: skip
_LEVELS: Final[dict[str, int]] = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("==", "!=", "<>", *t.LIST_OPERATORS, *t.RANGE_OPERATORS), _EQUAL),
    **dict.fromkeys(("<", "<=", ">", ">="), _COMPARE),
    **dict.fromkeys(("+", "-"), _ADD),
    **dict.fromkeys(("*", "/", "%"), _MULTIPLY),
    **dict.fromkeys(("=~", "!~", ":", "matches regex", *t.STRING_OPERATORS), _STRING),
}
_ONCE: Final = frozenset({_EQUAL, _COMPARE, _STRING})
_LISTS: Final = frozenset(t.LIST_OPERATORS)
_RANGES: Final = frozenset(t.RANGE_OPERATORS)
_STARRED: Final = frozenset({"==", *(op for op, level in _LEVELS.items() if level == _STRING)})
_POSTFIX: Final = frozenset({".", "["})
_TABULAR: Final = frozenset({"materialize", "toscalar", "totable"})
_TABLE_OPTIONS: Final = frozenset({"kind", "dataformat"})
_BEFORE_BLOCK: Final = CLOSERS | {"("}
_OPERATOR_FOLLOWERS: Final = (
    t.NAMES
    | names.LITERALS
    | {"*", "by", t.HINT, "dynamic"}
    | t.DECLARABLE
    - {
        "as",
        "by",
        "contains",
        "has",
        "in",
        "of",
        "to",
    }
)
_NEED_INPUT: Final = t.SOFT_OPERATORS - {"evaluate", "facet", "partition", "range", "reduce", "render"}
_SOFT_FOLLOWERS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("sort", "order", "facet", "partition", "reduce"), frozenset({"by"})),
    **dict.fromkeys(("join", "lookup", "fork"), _OPERATOR_FOLLOWERS | {"("}),
    **dict.fromkeys(("count", "getschema", "consume"), frozenset()),
    "scan": frozenset({"with", "order", "partition", "declare"}),
}
_BEFORE_ARGUMENT_END: Final = frozenset({",", ")"})


def required(p: Cursor) -> tree.Expr:
    """An expression, or a missing one."""
    return expression(p) or lost(p)


def lost(p: Cursor) -> tree.Expr:
    """A missing expression, with the operators that stand behind where it should be."""
    missing = p.missing()
    return _climb(p, missing, _OR) if p.keys[p.at] in _LEVELS and p.keys[p.at] != ":" else missing


def expression(p: Cursor) -> tree.Expr | None:
    """An expression without a pipeline of its own."""
    left = unary(p)
    if left is None:
        return _starred(p) if p.keys[p.at] == "*" else None
    return _climb(p, left, _OR) if p.keys[p.at] in _LEVELS else left


def _starred(p: Cursor) -> tree.Expr | None:
    """`* has "x"`: any column."""
    at = p.at
    if p.keys[at + 1] not in _STARRED:
        return None
    p.at = at + 1
    return _climb(p, tree.Star(p.starts[at], p.ends[at]), _OR)


def _operand(p: Cursor) -> tree.Expr:
    found = unary(p)
    if found is None:
        at = p.at
        if p.keys[at] == "*" and p.keys[at + 1] in _STARRED:
            p.at = at + 1
            return tree.Star(p.starts[at], p.ends[at])
        return p.missing()
    return found


def _climb(p: Cursor, left: tree.Expr, lowest: int) -> tree.Expr:
    """Read the operators of at least the level `lowest` that follow `left`."""
    keys = p.keys
    highest, length = _STRING, 0
    while True:
        at = p.at
        key = keys[at]
        level = _LEVELS.get(key, 0)
        if level < lowest or level > highest or (key == "in" and keys[at + 1] == "range"):
            return left
        if level <= _AND:
            left = _connected(p, left, key, level)
            continue
        if key in _LISTS:
            left = _in(p, left)
        elif key in _RANGES:
            left = _between(p, left)
        else:
            p.at = at + 1
            right = _operand(p)
            if _LEVELS.get(keys[p.at], 0) > level:
                right = _climb(p, right, level + 1)
            left = tree.Binary(left.start, right.end, _SPELLED.get(key, key), left, right, p.starts[at])
        if level in _ONCE:
            highest = level - 1
        length += 1
        if length > DEPTH:
            raise TooDeepError


def _connected(p: Cursor, left: tree.Expr, word: str, level: int) -> tree.Expr:
    """`a and b and c ...`, with as many parts as there are."""
    keys = p.keys
    parts, places = [left], []
    while keys[p.at] == word:
        places.append(p.starts[p.at])
        p.at += 1
        part = _operand(p)
        if _LEVELS.get(keys[p.at], 0) > level:
            part = _climb(p, part, level + 1)
        parts.append(part)
    return _balanced(word, parts, places, 0, len(parts))


def _balanced(word: str, parts: list[tree.Expr], places: list[int], first: int, last: int) -> tree.Expr:
    if last - first == 1:
        return parts[first]
    middle = (first + last + 1) // 2 if last - first > 8 else last - 1
    left = _balanced(word, parts, places, first, middle)
    right = _balanced(word, parts, places, middle, last)
    return tree.Binary(left.start, right.end, word, left, right, places[middle - 1])


def _in(p: Cursor, left: tree.Expr) -> tree.Expr:
    at = p.at
    p.at = at + 1
    p.expect("(")
    p.deeper()
    if p.keys[p.at] in p.operators and begins_operator(p):
        found = [pipeline(p) or p.missing()]
    else:
        found = names.items(p, expression, p.missing, required=True)
        if len(found) == 1 and p.keys[p.at] == "|":
            found = [piped(p, found[0])]
    p.depth -= 1
    p.close(")")
    return tree.In(left.start, p.behind, p.keys[at], left, found, p.starts[at])


def _between(p: Cursor, left: tree.Expr) -> tree.Expr:
    at = p.at
    p.at = at + 1
    p.expect("(")
    p.deeper()
    low = required(p)
    p.expect("..")
    high = required(p)
    p.depth -= 1
    p.close(")")
    return tree.Between(left.start, p.behind, p.keys[at], left, low, high, p.starts[at])


def unary(p: Cursor) -> tree.Expr | None:
    """An operand with its sign, path and indexes."""
    handler = _PRIMARY.get(p.keys[p.at])
    if handler is None:
        return None
    found = handler(p)
    return _path(p, found) if found is not None and p.keys[p.at] in _POSTFIX else found


def _sign(p: Cursor) -> tree.Expr:
    at = p.at
    p.at = at + 1
    operand = unary(p) if p.keys[p.at] not in ("-", "+") else None
    operand = operand or p.missing()
    return tree.Unary(p.starts[at], operand.end, p.keys[at], operand)


def _path(p: Cursor, target: tree.Expr) -> tree.Expr:
    """What follows an operand: `.name`, `.call()`, `[index]`."""
    keys, length = p.keys, 0
    while True:
        key = keys[p.at]
        if key == ".":
            p.at += 1
            target = _member(p, target)
        elif key == "[":
            target = index(p, target)
        else:
            return target
        length += 1
        if length > DEPTH:
            raise TooDeepError


def _member(p: Cursor, target: tree.Expr) -> tree.Expr:
    at = p.at
    key = p.keys[at]
    if key in t.NAMES or key in _TABULAR:
        name = tree.Name(p.starts[at], p.ends[at], p.texts[at])
        p.at = at + 1
        if p.keys[p.at] == "(":
            called = call(p, name)
            return tree.MethodCall(target.start, called.end, target, called)
        if key in _TABULAR:
            p.at = at
            name = p.missing_name()
        return tree.Member(target.start, name.end, target, name)
    if key == "@":
        p.at = at + 1
        return tree.Member(target.start, p.ends[at], target, tree.Name(p.starts[at], p.ends[at], "@"))
    if key == "[":
        named = names.bracketed(p)
        if named is None:
            return index(p, target)
    else:
        named = names.name(p)
    if named is None:
        named = p.missing_name()
    if p.keys[p.at] == "(" and named.text:
        called = call(p, named)
        return tree.MethodCall(target.start, called.end, target, called)
    return tree.Member(target.start, named.end, target, named)


def bare_path(p: Cursor) -> tree.Expr | None:
    """A table with its path, `cluster("c").database("d").T`; the last name may be a pattern."""
    key = p.keys[p.at]
    if key not in t.NAMES and key not in ("[", "{", *_TABULAR):
        return None
    handler = _PRIMARY[key]
    target = handler(p)
    keys, length = p.keys, 0
    while target is not None and keys[p.at] in _POSTFIX and length < DEPTH:
        if keys[p.at] == ".":
            p.at += 1
            pattern = names.wildcard(p)
            if pattern is not None:
                name = tree.Name(pattern.start, pattern.end, pattern.pattern)
                return tree.Member(target.start, name.end, target, name)
            target = _member(p, target)
        else:
            target = index(p, target)
        length += 1
    return target


def index(p: Cursor, target: tree.Expr) -> tree.Expr:
    """`target[index]`."""
    p.at += 1
    p.deeper()
    found = required(p)
    p.depth -= 1
    p.close("]")
    return tree.Index(target.start, p.behind, target, found)


def _name(p: Cursor) -> tree.Expr:
    at = p.at
    start, end = p.starts[at], p.ends[at]
    name = tree.Name(start, end, p.texts[at])
    p.at = at + 1
    key = p.keys[p.at]
    if key == "(":
        return call(p, name)
    if key == "datascope":
        _data_scope(p)
    return tree.NameRef(start, end, name)


def _data_scope(p: Cursor) -> None:
    """`T datascope=hotcache`: it changes nothing that a plan could show, so it is read over."""
    if p.keys[p.at + 1] == "=":
        p.at += 3 if p.keys[p.at + 2] in t.WORDS else 2


def _bracket(p: Cursor) -> tree.Expr:
    """`['name']`, or what stands in brackets with nothing before them."""
    named = names.bracketed(p)
    if named is not None:
        return call(p, named) if p.keys[p.at] == "(" else tree.NameRef(named.start, named.end, named)
    pattern = names.bracketed_wildcard(p)
    if pattern is not None:
        return pattern
    start = p.starts[p.at]
    if p.keys[p.at + 1] is t.STRING and p.keys[p.at + 2] in CLOSERS:
        p.at += 1
        text = str(names.literal(p).value)
        p.close("]")
        return tree.NameRef(start, p.behind, tree.Name(start, p.behind, text, quoted=True))
    return index(p, tree.Missing(start, start))


def _brace(p: Cursor) -> tree.Expr | None:
    named = names.braced(p)
    return None if named is None else tree.NameRef(named.start, named.end, named)


def _tabular_call(p: Cursor) -> tree.Expr | None:
    """`materialize(...)`, `toscalar(...)`, `totable(...)`: calls whose argument is a pipeline."""
    at = p.at
    name = tree.Name(p.starts[at], p.ends[at], p.texts[at])
    p.at = at + 1
    names.options(p)
    p.expect("(")
    with p.nested():
        argument = pipeline(p) or p.missing()
    p.close(")")
    return tree.Call(name.start, p.behind, name, [argument])


def call(p: Cursor, name: tree.Name) -> tree.Call:
    """The arguments behind a name."""
    p.at += 1
    if p.keys[p.at] == ")":
        p.at += 1
        return tree.Call(name.start, p.ends[p.at - 1], name, [])
    p.deeper()
    arguments = names.items(p, _argument, p.missing)
    p.depth -= 1
    p.close(")")
    return tree.Call(name.start, p.ends[p.at - 1], name, arguments)


def _argument(p: Cursor) -> tree.Expr | None:
    at = p.at
    if p.keys[at] == "*" and p.keys[at + 1] in _BEFORE_ARGUMENT_END:
        p.at = at + 1
        return tree.Star(p.starts[at], p.ends[at])
    return named(p)


def named(p: Cursor) -> tree.Expr | None:
    """An expression that may have a name: `name = value`, `(a, b) = value`."""
    at, keys = p.at, p.keys
    key, following = keys[at], keys[at + 1]
    if following == "=":
        if key in t.DECLARED:
            return _named(p, tree.Name(p.starts[at], p.ends[at], p.texts[at]), at + 2)
        if key in t.WORDS and key in t.HARD:
            p.say(say.RESERVED_NAME, p.starts[at], p.ends[at], text=p.texts[at])
            return _named(p, tree.Name(p.starts[at], p.ends[at], p.texts[at]), at + 2)
    elif key in {"[", "{"}:
        end = names.declared_end(p, at)
        if end and keys[end] == "=":
            name = names.declared(p)
            if name is not None:
                return _named(p, name, end + 1)
    elif key == "(":
        end = _name_list_end(p, at)
        if end and keys[end] == "=":
            return _named_list(p)
    elif following == "-" and key in t.DECLARED:
        end = _dashed_end(p, at)
        if end:
            name = tree.Name(p.starts[at], p.ends[end - 1], p.text[p.starts[at] : p.ends[end - 1]])
            p.say(say.NAME_NEEDS_BRACKETS, name.start, name.end, text=name.text)
            return _named(p, name, end + 1)
    return expression(p)


def _named(p: Cursor, name: tree.Name, at: int) -> tree.Expr:
    p.at = at
    value = expression(p) or p.missing()
    return tree.NamedArgument(name.start, value.end, name, value)


def _dashed(p: Cursor, at: int) -> int:
    """The index of the last word of `a-b-c`, where no space stands between the parts."""
    starts, ends, keys = p.starts, p.ends, p.keys
    while keys[at + 1] == "-" and keys[at + 2] in t.WORDS and starts[at + 2] - 1 == starts[at + 1] == ends[at]:
        at += 2
    return at


def _dashed_end(p: Cursor, at: int) -> int:
    """The index of the `=` behind `a-b-c`; else 0."""
    last = _dashed(p, at)
    return last + 1 if last > at and p.keys[last + 1] == "=" else 0


def _name_list_end(p: Cursor, at: int) -> int:
    """The index behind `(a, b)` if only names stand in the parentheses, else 0."""
    at += 1
    while True:
        at = names.declared_end(p, at)
        if not at:
            return 0
        if p.keys[at] == ")":
            return at + 1
        if p.keys[at] != ",":
            return 0
        at += 1
        if p.keys[at] == ")":
            return at + 1


def _named_list(p: Cursor) -> tree.Expr:
    start = p.starts[p.at]
    p.at += 1
    found = names.items(p, names.declared, p.missing_name)
    p.expect(")")
    p.expect("=")
    value = required(p)
    return tree.NamedColumns(start, value.end, found, value)


def parenthesis(p: Cursor) -> tree.Expr:
    """`( ... )`, with an expression or a pipeline in it."""
    start = p.starts[p.at]
    p.at += 1
    p.depth += 1
    if p.depth > DEPTH:
        raise TooDeepError
    inner = pipeline(p) or p.missing()
    p.depth -= 1
    p.close(")")
    return tree.Paren(start, p.ends[p.at - 1], inner)


def typeof(p: Cursor) -> tree.Expr | None:
    """`typeof(type)` or `typeof(name: type, ...)`; else `typeof` is a name."""
    start, at = p.starts[p.at], p.at
    if p.keys[at + 1] != "(":
        return _name(p)
    p.at = at + 2
    key, following = p.keys[p.at], p.keys[p.at + 1]
    if key in t.TYPES or (key in t.NAMES and following == ")"):
        kind = names.type_name(p, of_column=False)
        p.close(")")
        return tree.TypeOf(start, p.behind, kind, [])
    found = names.items(p, _type_part, lambda: _missing_type(p))
    p.close(")")
    columns = [item for item in found if isinstance(item, tree.ColumnDeclaration)]
    return tree.TypeOf(start, p.behind, None, columns, any(isinstance(item, tree.Star) for item in found))


def _type_part(p: Cursor) -> tree.Node | None:
    at = p.at
    if p.keys[at] == "*":
        p.at = at + 1
        return tree.Star(p.starts[at], p.ends[at])
    return names.column(p)


def _missing_type(p: Cursor) -> tree.Node:
    return names.type_name(p, of_column=False)


def _data_table(p: Cursor) -> tree.Expr:
    start = p.starts[p.at]
    p.at += 1
    names.options(p)
    columns = names.row_schema(p)
    p.expect("[")
    if p.keys[p.at] == ",":
        p.at += 1
    values = names.items(p, constant, p.missing, trailing=True)
    p.close("]")
    return tree.DataTable(start, p.behind, columns, values)


def constant(p: Cursor) -> tree.Expr | None:
    """A literal, where nothing else may stand."""
    key = p.keys[p.at]
    if key in names.LITERALS:
        return names.literal(p)
    if key == "dynamic":
        return dynamic(p)
    if key in ("-", "+"):
        return names.signed(p)
    if key == "typeof":
        return typeof(p) if p.keys[p.at + 1] == "(" else None
    return _brace(p) if key == "{" else None


def _uri(p: Cursor) -> tree.Expr | None:
    found = constant(p)
    return found or (_name(p) if p.keys[p.at] in t.NAMES else None)


def _external_data(p: Cursor) -> tree.Expr:
    start = p.starts[p.at]
    p.at += 1
    names.options(p)
    columns = names.row_schema(p)
    p.expect("[")
    uris = names.items(p, _uri, p.missing, trailing=True)
    p.close("]")
    settings = []
    if p.keys[p.at] == "with":
        p.at += 1
        settings = names.settings(p)
    return tree.ExternalData(start, p.behind, columns, uris, settings)


def _inline_table(p: Cursor) -> tree.Expr:
    """`inline_external_table (columns) kind=delta partition by (...) dataformat=parquet (uris) with (...)`."""
    start, at = p.starts[p.at], p.at
    typed = p.keys[at + 1] == "(" and p.keys[names.declared_end(p, at + 2)] == ":"
    if not typed and p.texts[at + 1] != "kind":
        return _name(p)
    p.at = at + 1
    columns = names.row_schema(p) if typed else []
    options = names.options(p, _TABLE_OPTIONS)
    while p.texts[p.at] in ("partition", "pathformat"):
        p.skip(_BEFORE_BLOCK)
        p.at += p.keys[p.at] == "("
        p.skip()
        p.close(")")
    options += names.options(p, _TABLE_OPTIONS)
    p.expect("(")
    uris = names.items(p, constant, p.missing, required=True)
    p.close(")")
    if p.keys[p.at] == "with":
        p.at += 1
        options += names.settings(p)
    return tree.ExternalData(start, p.behind, columns, uris, options)


def _contextual_table(p: Cursor) -> tree.Expr:
    start = p.starts[p.at]
    p.at += 1
    key = constant(p) or required(p)
    columns = names.row_schema(p)
    return tree.ContextualDataTable(start, p.behind, key, columns)


def _entity_group(p: Cursor) -> tree.Expr:
    start = p.starts[p.at]
    if p.keys[p.at + 1] != "[":
        return _name(p)
    p.at += 2
    found = names.items(p, expression, p.missing, required=True)
    p.close("]")
    return tree.EntityGroup(start, p.behind, found)


def _view_combine(p: Cursor) -> tree.Expr:
    start = p.starts[p.at]
    p.at += 1
    parts = [_clause(p, "")]
    parts.extend(_clause(p, word) for word in ("base", "delta", "aggregations"))
    return tree.ViewCombine(start, p.behind, *parts)


def _clause(p: Cursor, word: str) -> tree.Expr:
    if word:
        if p.texts[p.at] == word:
            p.at += 1
        else:
            p.say_missing(word)
    p.expect("(")
    with p.nested():
        found = _aggregations(p) if word == "aggregations" else pipeline(p) or p.missing()
    p.close(")")
    return found


def _aggregations(p: Cursor) -> tree.Expr:
    """Operators whose input is the view."""
    source = tree.Missing(p.behind, p.behind)
    found = operators(p)
    return tree.Pipeline(source.start, found[-1].end, source, found, [])


def pipeline(p: Cursor) -> tree.Expr | None:
    """`source | operator | ...`; a source alone is only itself."""
    key = p.keys[p.at]
    source: tree.Expr | None
    if key in p.operators and begins_operator(p):
        first = p.at
        operator = p.operators[key](p)
        source = tree.OperatorSource(operator.start, operator.end, operator)
        if key in _NEED_INPUT:
            p.say(say.MISSING_SOURCE, p.starts[first + 1], p.ends[first + 1], text=key)
    else:
        source = expression(p)
        if source is None:
            return None
    return piped(p, source)


def piped(p: Cursor, source: tree.Expr) -> tree.Expr:
    """The pipeline that begins with `source`."""
    keys, found, pipes = p.keys, [], []
    while True:
        key = keys[p.at]
        if key == "|":
            pipes.append(p.starts[p.at])
            p.at += 1
            found.append(operator(p))
        elif key in p.operators and begins_operator(p):
            pipes.append(_missing_pipe(p))
            found.append(p.operators[key](p))
        elif p.depth and found and key not in CLOSERS and key != ",":
            _stray(p)
        else:
            break
    return tree.Pipeline(source.start, found[-1].end, source, found, pipes) if found else source


def _missing_pipe(p: Cursor) -> int:
    start, end = p.missing_span()
    p.say(say.MISSING_PIPE, start, end, text=p.texts[p.at])
    return start


def _stray(p: Cursor) -> None:
    """Inside brackets, step over what no operator takes."""
    start, end = p.missing_span()
    p.say(say.UNEXPECTED_TEXT, start, end, text=p.texts[p.at][:40])
    p.skip()


def operators(p: Cursor) -> list[tree.Operator]:
    """`operator | operator ...`, where the input is what the surrounding operator gives."""
    found = []
    if p.keys[p.at] == "|":
        p.at += 1
    while True:
        found.append(operator(p))
        if p.keys[p.at] not in CLOSERS:
            _stray(p)
        if p.keys[p.at] != "|":
            return found
        p.at += 1


def operator(p: Cursor) -> tree.Operator:
    """The operator behind a `|`; unknown or missing ones too."""
    at = p.at
    key = p.keys[at]
    handler = p.operators.get(key)
    if handler is not None:
        return handler(p)
    behind = p.behind
    if key in t.NAMES:
        last = _dashed(p, at)
        name = tree.Name(p.starts[at], p.ends[last], p.text[p.starts[at] : p.ends[last]])
        p.say(say.UNKNOWN_OPERATOR, name.start, name.end, text=name.text, hint=_near(name.text, p.operators))
        p.skip()
        return tree.UnknownOperator(name.start, name.end, name)
    p.say(say.MISSING_OPERATOR, behind, behind)
    if key not in CLOSERS:
        p.skip()
    return tree.UnknownOperator(behind, behind, tree.Name(behind, behind, ""))


def _near(word: str, known: dict[str, Callable[[Cursor], tree.Operator]]) -> str:
    """A hint at the operator that may have been meant: one much alike, else one that goes on like this."""
    lower = word.lower()
    ranked = sorted((_distance(lower, name), name) for name in known if name[0] != "_")
    distance, name = ranked[0]
    if distance > 1 + (len(name) > 5):
        longer = [name for name in known if name.startswith(lower)]
        if len(lower) < 3 or len(longer) != 1:
            return ""
        name = longer[0]
    return f"; did you mean {name}?"


def _distance(left: str, right: str) -> int:
    """How many letters must change, with neighbours swapped as one."""
    if abs(len(left) - len(right)) > 2:
        return 9
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        following = [i]
        for j, b in enumerate(right, 1):
            cost = min(row[j] + 1, following[-1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        before, row = row, following
    return row[-1]


def begins_operator(p: Cursor) -> bool:
    """Whether the operator word that stands here begins an operator rather than an expression."""
    at = p.at
    key, following = p.keys[at], p.keys[at + 1]
    if key not in t.SOFT_OPERATORS:
        return True
    if key == "range":
        end = names.declared_end(p, at + 1)
        return bool(end) and p.keys[end] == "from"
    if p.keys[at + 2] == "=" and p.texts[at + 1] in t.PARAMETERS:
        return True
    return following in _SOFT_FOLLOWERS.get(key, _OPERATOR_FOLLOWERS)


_PRIMARY: Final[dict[str, Callable[[Cursor], tree.Expr | None]]] = {
    **dict.fromkeys(t.NAMES, _name),
    **dict.fromkeys(names.LITERALS, names.literal),
    **dict.fromkeys(("materialize", "toscalar", "totable"), _tabular_call),
    "(": parenthesis,
    "[": _bracket,
    "{": _brace,
    "-": _sign,
    "+": _sign,
    "dynamic": dynamic,
    "typeof": typeof,
    "datatable": _data_table,
    "externaldata": _external_data,
    "external_data": _external_data,
    "__contextual_datatable": _contextual_table,
    "entity_group": _entity_group,
    "inline_external_table": _inline_table,
    "materialized-view-combine": _view_combine,
}
