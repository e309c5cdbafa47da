"""What may be typed at a cursor: tables, columns, functions, operators, keywords, values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import FunctionName, ScalarName, TableName
from huntlens.kql.edit import words
from huntlens.kql.edit.constants import common_values, known_values
from huntlens.kql.edit.place import MARK, Place, locate
from huntlens.kql.edit.properties import properties
from huntlens.kql.edit.values import Completion
from huntlens.kql.functions import find, of_kind
from huntlens.kql.functions.signature import arity
from huntlens.kql.literals import name_text, quoted
from huntlens.kql.schema import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from huntlens.kql.edit.values import CompletionKind
    from huntlens.kql.functions.row import Function
    from huntlens.kql.schema import Schema


def complete(
    text: str, offset: int, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> list[Completion]:
    """The offers at an offset, best first; each says which part of the text it replaces.

    >>> [offer.label for offer in complete("SecurityEvent | wh", 18)]
    ['where', 'parse-where', 'graph-where-edges', 'graph-where-nodes']
    """
    known = shipped() if schema is None else schema
    place = locate(text, offset, known, parameters)
    offers = _OFFERS[place.kind](place, known)
    typed = text[place.start : offset].casefold()
    if typed:
        offers = [offer for offer in offers if typed in offer.label.casefold()]
        offers.sort(key=lambda offer: (not offer.label.casefold().startswith(typed), offer.sort))
    else:
        offers.sort(key=lambda offer: offer.sort)
    return offers


def _offer(
    place: Place, label: str, kind: CompletionKind, rank: str, detail: str = "", doc: str = "", insert: str = "",
    *, snippet: bool = False, deprecated: bool = False,
) -> Completion:  # fmt: skip
    return Completion(
        label, kind, detail, place.start, place.end, insert, doc, rank + label.casefold(), snippet, deprecated
    )


def _words(place: Place, found: Mapping[str, str], kind: CompletionKind, rank: str) -> list[Completion]:
    """Words in the order of their table."""
    return [
        Completion(word, kind, doc, place.start, place.end, "", "", f"{rank}{number:03}")
        for number, (word, doc) in enumerate(found.items())
    ]


# --- names ---------------------------------------------------------------------------------------------------------


def _tables(place: Place, schema: Schema) -> list[Completion]:
    return [
        _offer(place, name, "table", "2", insert="" if name.isidentifier() else name_text(name))
        for name in schema.table_names()
    ]


def _columns(place: Place, columns: Iterable[plan.Column]) -> list[Completion]:
    """Columns in the order of their table."""
    return [
        Completion(column.name, "column", column.type, place.start, place.end,
                   "" if column.name.isidentifier() else name_text(column.name), "", f"1{number:04}")
        for number, column in enumerate(columns)
        if column.name != MARK
    ]  # fmt: skip


def _row_columns(place: Place) -> list[Completion]:
    rows = place.frame.rows if place.frame is not None else None
    return _columns(place, rows.names.values()) if rows is not None else []


def _variables(place: Place, *, scalars: bool = True, tables: bool = True) -> list[Completion]:
    """The names that statements and parameters declare."""
    found = []
    for name, meaning in (place.frame.names.all() if place.frame is not None else {}).items():
        if isinstance(meaning, ScalarName) and scalars:
            found.append(_offer(place, name, "variable", "2", meaning.value.type))
        elif isinstance(meaning, TableName) and tables:
            found.append(_offer(place, name, "variable", "1", "table"))
        elif isinstance(meaning, FunctionName):
            names = ", ".join(item.name.text for item in meaning.definition.parameters)
            found.append(_call(place, name, "variable", "2", f"({names})"))
    return found


def _call(place: Place, name: str, kind: CompletionKind, rank: str, detail: str, doc: str = "") -> Completion:
    inside = "" if detail.startswith("()") else "$0"
    return _offer(place, name, kind, rank, detail, doc, f"{name}({inside})", snippet=True)


def _functions(place: Place, rows: Iterable[Function], kind: CompletionKind, rank: str) -> list[Completion]:
    return [
        Completion(row.name, kind, f"({row.signature})", place.start, place.end, f"{row.name}($0)", row.doc,
                   rank + words.POPULAR.get(row.name, "") + row.name, snippet=True, deprecated=bool(row.deprecated))
        for row in rows
        if not row.hidden
    ]  # fmt: skip


def _literals(place: Place) -> list[Completion]:
    return [
        _offer(place, word, "type", "6", "a constant", insert=f"{word[:-1]}$0)", snippet=True)
        for word in words.TYPE_LITERALS
    ]


# --- places --------------------------------------------------------------------------------------------------------


def _at_statement(place: Place, schema: Schema) -> list[Completion]:
    if isinstance(place.operator, tree.Let):
        functions = _functions(place, of_kind("scalar"), "function", "5")
        more = {"materialize": "Compute a table once", "view": "A view"}
        return [*_source(place, schema), *functions, *_literals(place), *_words(place, more, "keyword", "6")]
    return [*_source(place, schema), *_words(place, words.STATEMENTS, "keyword", "4")]


def _source(place: Place, schema: Schema) -> list[Completion]:
    scalars = isinstance(place.operator, tree.Let)
    return [
        *_tables(place, schema),
        *_variables(place, scalars=scalars),
        *_words(place, words.SOURCES, "operator", "4"),
        *_words(place, words.TABLE_FUNCTIONS, "function", "5"),
    ]


def _at_operator(place: Place, _schema: Schema) -> list[Completion]:
    more = _words(place, words.MORE_OPERATORS, "operator", "2") if place.end > place.start else []
    return [*_words(place, words.OPERATORS, "operator", "1"), *more]


def _in_row(place: Place, _schema: Schema) -> list[Completion]:
    return [
        *_known_values(place, quote=True),
        *_common_values(place),
        *_row_columns(place),
        *_variables(place),
        *_bracket(place),
        *_call_end(place),
        *_new_names(place),
        *_functions(place, of_kind("scalar"), "function", "5"),
        *_functions(place, of_kind("window"), "function", "5"),
        *_literals(place),
        *_words(place, {"dynamic": "A constant of any shape"}, "keyword", "6"),
    ]


def _in_aggregate(place: Place, _schema: Schema) -> list[Completion]:
    hints = words.HINTS if _begins_list(place) else {}
    by = {"by": "the keys"} if _begins_list(place) else {}
    return [
        *_functions(place, of_kind("aggregate"), "aggregate", "1"),
        *_variables(place, tables=False),
        *_bracket(place),
        *_new_names(place),
        *_functions(place, of_kind("scalar"), "function", "5"),
        *_functions(place, of_kind("window"), "function", "5"),
        *_literals(place),
        *_words(place, {"dynamic": "A constant of any shape"}, "keyword", "6"),
        *_words(place, {**by, **hints}, "keyword", "7"),
    ]


def _bracket(place: Place) -> list[Completion]:
    """A name that is no plain word."""
    return [_offer(place, "[", "snippet", "8", "a name in brackets", insert="['$1']", snippet=True)]


def _call_end(place: Place) -> list[Completion]:
    """The end of a call that needs no argument."""
    call = place.path[-3] if len(place.path) > 2 else None
    row = find(call.name.text) if isinstance(call, tree.Call) and len(call.arguments) == 1 else None
    if row is None or arity(row.signature)[0]:
        return []
    return [_offer(place, ")", "keyword", "0", "no argument")]


def _new_names(place: Place) -> list[Completion]:
    """Names that the query gives to columns elsewhere, where a column may be declared."""
    node = place.node
    if not isinstance(place.operator, _DECLARING) or place.bound is None or len(place.path) < 3:
        return []
    if place.path[-3] is not place.operator or place.path[-2] is not node:
        return []
    taken = place.frame.rows.names if place.frame is not None and place.frame.rows is not None else {}
    named = (item.name.text for item in tree.walk(place.path[0]) if isinstance(item, tree.NamedArgument))
    return [
        _offer(place, name, "column", "8", "a new column", insert=f"{name_text(name)} = ")
        for name in dict.fromkeys(named)
        if name not in taken and name != MARK
    ]


_DECLARING: Final = (tree.Extend, tree.Project, tree.Summarize, tree.Print, tree.MakeSeries, tree.Serialize)


def _begins_list(place: Place) -> bool:
    """Whether the word is the first behind `summarize`."""
    node = place.operator
    return isinstance(node, tree.Summarize) and bool(node.aggregates) and node.aggregates[0] is place.node


def _in_columns(place: Place, _schema: Schema) -> list[Completion]:
    return [*_row_columns(place), *_variables(place), *_functions(place, of_kind("scalar"), "function", "5")]


def _at_infix(place: Place, _schema: Schema) -> list[Completion]:
    """Behind an operand: what compares its type, what joins conditions, the operator's next words."""
    more = words.NEXT_WORDS.get(type(place.operator).__name__, {})
    following = _words(place, more, "keyword", "1")
    inside = any(isinstance(node, tree.Call | tree.Paren) for node in place.path[:-1] if node is not place.node)
    if inside:
        return _words(place, _comparisons(place), "operator", "1")
    if isinstance(place.operator, tree.Filter) or not more:
        return [*_words(place, _comparisons(place), "operator", "2"), *following]
    return following


def _comparisons(place: Place) -> Mapping[str, str]:
    if isinstance(place.operator, tree.Search) and isinstance(place.node, tree.Literal):
        return words.CONNECTIVES
    chain = [node for node in place.path if isinstance(node, tree.Binary | tree.In | tree.Between)]
    compared = any(not isinstance(node, tree.Binary) or node.op not in _JOINING for node in chain)
    if compared:
        return words.CONNECTIVES
    kind = _type_of(place)
    if kind == "bool":
        return {**words.CONNECTIVES, "==": "equal", "!=": "differs"}
    return words.TEXT_OPERATORS if kind in ("string", "dynamic", "unknown") else words.NUMBER_OPERATORS


_JOINING: Final = frozenset({"and", "or", "+", "-", "*", "/", "%"})


def _type_of(place: Place) -> str:
    """The type of the operand in front of the cursor, as far as its name tells."""
    node = place.node
    symbols = place.bound.symbols if place.bound is not None else {}
    if isinstance(node, tree.Name):
        meaning = symbols.get(node)
    elif isinstance(node, tree.NameRef | tree.Call):
        meaning = symbols.get(node.name)
    elif isinstance(node, tree.Literal):
        return node.type
    else:
        return "unknown"
    if isinstance(meaning, plan.Column):
        return meaning.type
    if isinstance(meaning, ScalarName):
        return meaning.value.type
    returns = getattr(meaning, "returns", "unknown")
    return returns if returns in words.TYPES else "unknown"


def _at_key(place: Place, _schema: Schema) -> list[Completion]:
    return _words(place, words.NEXT_WORDS.get(type(place.operator).__name__, {}), "keyword", "1")


def _at_side(place: Place, _schema: Schema) -> list[Completion]:
    """The keys of a join: the columns that both sides have."""
    sides = {"$left": "the table in front", "$right": "the joined table"}
    found = _words(place, sides, "variable", "2")
    rows = place.frame.rows if place.frame is not None else None
    if rows is None or rows.left is None or rows.right is None:
        return found
    right = {column.name for column in rows.right.columns}
    return [*_columns(place, (column for column in rows.left.columns if column.name in right)), *found]


def _at_member(place: Place, _schema: Schema) -> list[Completion]:
    """Behind a dot: columns of a side, of a graph element, of a scan step."""
    node = place.node
    rows = place.frame.rows if place.frame is not None else None
    if not isinstance(node, tree.Member):
        return []
    name = node.target.name.text if isinstance(node.target, tree.NameRef) else ""
    if rows is None or name not in {"$left", "$right", *rows.elements, *rows.steps}:
        return _properties(place, node)
    sides = {"$left": rows.left, "$right": rows.right}
    side = sides.get(name)
    if side is not None:
        return _columns(place, side.columns)
    if name in rows.elements:
        return _columns(place, rows.elements[name].columns)
    return _columns(place, rows.steps.get(name, {}).values())


def _properties(place: Place, node: tree.Member) -> list[Completion]:
    query = place.path[0]
    if place.bound is None or not isinstance(query, tree.Query):
        return []
    return [
        Completion(name, "column", "dynamic", place.start, place.end, "", "", f"1{number:03}")
        for number, name in enumerate(properties(node.target, query, place.bound))
        if name.isidentifier() and name != MARK
    ]


def _at_type(place: Place, _schema: Schema) -> list[Completion]:
    return _words(place, dict.fromkeys(words.TYPES, ""), "type", "1")


def _at_option(place: Place, _schema: Schema) -> list[Completion]:
    option = next((node for node in reversed(place.path) if isinstance(node, tree.Option)), None)
    name = option.name.text.lower() if option is not None else ""
    kinds = words.KINDS.get(type(place.operator).__name__, ()) if name == "kind" else ()
    return _words(place, dict.fromkeys(kinds or words.OPTION_VALUES.get(name, ()), ""), "keyword", "1")


def _at_setting(place: Place, _schema: Schema) -> list[Completion]:
    """The name of an option within `with (...)`."""
    names = words.SETTINGS.get(type(place.node).__name__, {})
    return [_offer(place, name, "keyword", "1", doc, insert=f"{name}=") for name, doc in names.items()]


def _at_argument(place: Place, schema: Schema) -> list[Completion]:
    """An argument of a call that stands for a table or a value."""
    functions = _functions(place, of_kind("scalar"), "function", "5")
    values = [*_known_values(place, quote=True), *_common_values(place)]
    return [*values, *_tables(place, schema), *_variables(place), *functions, *_literals(place)]


def _at_following(place: Place, _schema: Schema) -> list[Completion]:
    """Behind a word that only a few others may follow."""
    return _words(place, words.FOLLOWING[place.previous], "keyword", "1")


def _at_plugin(place: Place, _schema: Schema) -> list[Completion]:
    return _functions(place, of_kind("plugin"), "plugin", "1")


def _at_pipe(place: Place, _schema: Schema) -> list[Completion]:
    """Behind a table: a step, with its pipe."""
    more = _words(place, {"with": "how the files are read"}, "keyword", "0") if _reads_files(place) else []
    return more + [
        Completion(f"| {word}", "operator", doc, place.start, place.end, "", "", f"1{number:03}")
        for number, (word, doc) in enumerate(words.OPERATORS.items())
    ]


def _reads_files(place: Place) -> bool:
    return any(isinstance(node, tree.ExternalData) and not node.options for node in place.path)


def _at_invoke(place: Place, _schema: Schema) -> list[Completion]:
    names = place.frame.names.all() if place.frame is not None else {}
    return [
        *(
            _call(place, name, "function", "1", "(...)")
            for name, found in names.items()
            if isinstance(found, FunctionName)
        ),
        *(_call(place, name, "function", "2", "(...)", doc) for name, doc in words.INVOKED.items()),
    ]


def _at_render(place: Place, _schema: Schema) -> list[Completion]:
    return _words(place, dict.fromkeys(words.CHARTS, ""), "keyword", "1")


def _at_value(place: Place, _schema: Schema) -> list[Completion]:
    return _known_values(place, quote=False)


def _known_values(place: Place, *, quote: bool) -> list[Completion]:
    """The values that are known for what the cursor's value is compared with, or for an argument."""
    values, texts, of = known_values(place)
    return [
        Completion(
            quoted(value) if quote and texts else value, "value", of, place.start, place.end, "", "", f"0{number:03}"
        )
        for number, value in enumerate(values)
    ]


def _common_values(place: Place) -> list[Completion]:
    return [
        Completion(value, "value", "", place.start, place.end, "", "", f"09{number:02}")
        for number, value in enumerate(common_values(place))
    ]


def _nothing(_place: Place, _schema: Schema) -> list[Completion]:
    return []


_OFFERS: Final[dict[str, Callable[[Place, Schema], list[Completion]]]] = {
    "statement": _at_statement,
    "table": _source,
    "operator": _at_operator,
    "row": _in_row,
    "aggregate": _in_aggregate,
    "argument": _at_argument,
    "following": _at_following,
    "setting": _at_setting,
    "columns": _in_columns,
    "infix": _at_infix,
    "key": _at_key,
    "side": _at_side,
    "member": _at_member,
    "type": _at_type,
    "option": _at_option,
    "pipe": _at_pipe,
    "plugin": _at_plugin,
    "invoke": _at_invoke,
    "render": _at_render,
    "value": _at_value,
    "nothing": _nothing,
}  # fmt: skip
