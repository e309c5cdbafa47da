"""Magics: completion, hover and checks for the lines of `%%kql`, `%kql`, `%hunt`, `%pivot`, `%ioc`, `%b64`.

The magics themselves are the table `magic_line.MAGICS`; the KQL of bodies and lines is handed to `kql_text`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from huntlens.assist import describe
from huntlens.assist.calls import pivot_locations
from huntlens.assist.embedded import Embedded
from huntlens.assist.kql_text import declared
from huntlens.assist.magic_line import HUNT_ACTIONS, MAGICS, Line, MagicSpec, Word, parse_line
from huntlens.assist.meaning import Table
from huntlens.assist.offers import Target, fitting, offer_parameters, offer_pivots, offer_values, query_offer
from huntlens.catalog.values import parse as parse_value
from huntlens.errors import ParameterError
from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
from huntlens.kql.edit.values import Completion, Hover, Location
from huntlens.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from huntlens.assist.bound_names import Where
    from huntlens.assist.context import Context
    from huntlens.assist.magic_line import Option
    from huntlens.assist.meaning import Code
    from huntlens.assist.python_lex import Magic
    from huntlens.catalog.model import Parameter

TIMESPANS: Final = ("1h", "1d", "7d", "30d", "-1d", "-7d@d", "2026-01-01/2026-01-08")


class Typed(NamedTuple):
    """What is being typed on a line: the word at the cursor, and what it is a value of."""

    word: Span
    text: str
    key: Option | None
    before: tuple[Word, ...]
    base: int


def kql_of(magic: Magic, text: str, context: Context) -> Embedded | None:
    """The query of a `%%kql` cell or a `%kql` line, with the names of its `--param` declared; None without one."""
    if magic.name != "kql":
        return None
    line = read(magic, text, context)
    found = line.words.get("query") if magic.body is None else None
    if found:
        start = magic.arguments.start + found[0].start
        embedded = Embedded.verbatim(text, Span(start, magic.arguments.start + found[0].end))
    elif magic.body is not None:
        embedded = Embedded.verbatim(text, magic.body)
    else:
        return None
    return declared(embedded, dict.fromkeys(line.pairs(), "string"))


def read(magic: Magic, text: str, context: Context) -> Line:
    """What a magic's line says."""
    spec = MAGICS[magic.name]
    inline = magic.body is None
    return parse_line(spec, magic.arguments.of(text), inline=inline, connections=connections(context))


def connections(context: Context) -> tuple[str, ...]:
    """The connections that can be named on a line: those of the kernel, else the environments of the packs."""
    return tuple(context.session.connections) or context.environments


def complete(magic: Magic, code: Code, at: Where, context: Context) -> list[Completion]:
    """What may be typed on the line of a magic."""
    text = code.cells[at.cell].text
    if at.offset < magic.arguments.start or magic.name not in MAGICS:
        return names(text, at.offset)
    spec = MAGICS[magic.name]
    typed = _typed(spec, magic, text, at.offset)
    offers = _offers(spec, magic, typed, code, at, context)
    return [
        Completion(one.label, one.kind, one.detail, typed.word.start, typed.word.end, one.insert, one.doc, one.sort)
        for one in offers
    ]


def names(text: str, offset: int) -> list[Completion]:
    """The magics themselves, for a word that begins with a percent sign."""
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    head = text[start:offset]
    sigil = head.lstrip()
    if not sigil.startswith("%") or any(char.isspace() for char in sigil):
        return []
    start += len(head) - len(sigil)
    end = offset
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    first = not text[:start].strip()
    offers = []
    for spec in MAGICS.values():
        forms = [f"%{spec.name}"] if spec.line else []
        forms += [f"%%{spec.name}"] if spec.body and first else []
        offers += [
            Completion(form, "magic", spec.doc, start, end, doc=describe.magic(spec), sort=f"1{form}")
            for form in forms
            if form.startswith(sigil[:2]) or sigil == "%"
        ]
    return offers


def hover(magic: Magic, text: str, offset: int, context: Context) -> Hover | None:
    """What the word on a magic's line is."""
    spec = MAGICS.get(magic.name)
    if spec is None:
        return None
    if offset <= magic.arguments.start:
        return Hover(describe.magic(spec), magic.line.start, magic.arguments.start)
    base = magic.arguments.start
    line = read(magic, text, context)
    for option, word in line.keys:
        if word.start <= offset - base <= word.start + len(word.value.partition("=")[0]):
            return Hover(f"{describe.inline(option.usage)}\n\n{option.doc}", base + word.start, base + word.end)
    for name, found in line.words.items():
        for word in found:
            if word.start <= offset - base <= word.end:
                about = _explain(line, name, word, context)
                return Hover(about, base + word.start, base + word.end) if about else None
    return None


def check(magic: Magic, code: Code, at: Where, context: Context) -> list[Diagnostic]:
    """What is wrong with a magic's line; the KQL below it is checked elsewhere."""
    if magic.name not in MAGICS:
        return []
    text = code.cells[at.cell].text
    line = read(magic, text, context)
    base = magic.arguments.start
    found = [*line.problems, *_wrong_names(line, context), *_wrong_parameters(line, context)]
    return [_shifted(one, base, magic.line) for one in found]


def definition(magic: Magic, text: str, offset: int, context: Context) -> list[Location]:
    """Where the query or pivot that a line names is written."""
    if magic.name not in MAGICS:
        return []
    line = read(magic, text, context)
    offset -= magic.arguments.start
    word = query_word(line)
    if word and word.start <= offset <= word.end:
        query = context.catalog.find(word.value)
        return [Location(0, 0, query.path, max(query.line - 1, 0))] if query and query.path else []
    for word in line.words.get("pivot", ()):
        pivot = context.pivot_names.get(word.value)
        if pivot and word.start <= offset <= word.end:
            return pivot_locations(pivot, context)
    return []


def query_word(line: Line) -> Word | None:
    """The word of a `%hunt run` line that names its query."""
    words = line.words.get("values", ())
    return words[0] if line.spec.name == "hunt" and line.value("action") == "run" and words else None


def pair_words(line: Line) -> tuple[Word, ...]:
    """The words of a line that are `name=value` for its query."""
    return line.words.get("values", ())[1:] if query_word(line) else line.words.get("param", ())


def target(line: Line, context: Context) -> Target | None:
    """The query that a `%hunt run` or `%pivot` line runs."""
    word = query_word(line)
    if word:
        query = context.catalog.find(word.value)
        return Target(query, "") if query else None
    if line.spec.name == "pivot":
        pivot = context.pivot_names.get(line.value("pivot"))
        query = context.catalog.find(pivot.target) if pivot and pivot.kind == "query" else None
        return Target(query, pivot.parameter) if query and pivot else None
    return None


def _typed(spec: MagicSpec, magic: Magic, text: str, offset: int) -> Typed:
    """The word at the cursor; behind `--option=` or `name=` only what follows the equals sign."""
    base = magic.arguments.start
    line = parse_line(spec, text[base:offset])
    found = [word for name in line.words for word in line.words[name]] + [word for _, word in line.keys]
    found = sorted(set(found), key=lambda word: word.start)
    tail = text[base:offset]
    start = offset
    while start > base and not text[start - 1].isspace():
        start -= 1
    end = offset
    while end < magic.line.end and not text[end].isspace():
        end += 1
    current = text[start:offset]
    before = tuple(word for word in found if base + word.end < offset or (tail[-1:].isspace()))
    key = _open_option(spec, text[base:start])
    if current.startswith("-") and "=" in current:
        flag = current.partition("=")[0]
        key = next((one for one in spec.options if flag in one.flags), None)
        start += len(flag) + 1
    return Typed(Span(start, end), text[start:offset], key, before, base)


def _open_option(spec: MagicSpec, before: str) -> Option | None:
    """The option that the text before the cursor ends with and whose value is still to come."""
    last = before.rsplit(maxsplit=1)[-1] if before.split() else ""
    option = next((one for one in spec.options if last in one.flags), None)
    return option if option and option.value != "flag" and before[-1:].isspace() else None


def _offers(
    spec: MagicSpec, magic: Magic, typed: Typed, code: Code, at: Where, context: Context
) -> Iterator[Completion]:
    text = code.cells[at.cell].text
    whole = parse_line(spec, magic.arguments.of(text))
    if typed.key is not None:
        yield from _values(typed.key.value, _Asked(typed, whole, code, at, context, typed.key.choices))
        return
    if typed.text.startswith("-"):
        yield from _options(spec, whole, typed)
        return
    loose = [word for word in typed.before if not any(word is key for _, key in whole.keys) and _is_loose(whole, word)]
    position = len(loose)
    for number, argument in enumerate(spec.arguments):
        if number == position or (argument.rest and position >= number):
            yield from _values(argument.value, _Asked(typed, whole, code, at, context, ()))
    if not typed.text:
        yield from _options(spec, whole, typed)


def _is_loose(line: Line, word: Word) -> bool:
    names = {argument.name for argument in line.spec.arguments}
    return any(one.start == word.start for name in names for one in line.words.get(name, ()))


def _options(spec: MagicSpec, line: Line, typed: Typed) -> Iterator[Completion]:
    for number, option in enumerate(spec.options):
        if line.given(option.name) and not option.repeat:
            continue
        form = option.flags[-1] if typed.text.startswith("-") and len(typed.text) == 2 and option.short else ""
        for flag in dict.fromkeys((option.flags[0], form)):
            if flag:
                yield Completion(flag, "option", option.usage, doc=option.doc, sort=f"7{number:02}")


class _Asked(NamedTuple):
    """A value that is asked for: what is typed, on which line, where."""

    typed: Typed
    line: Line
    code: Code
    at: Where
    context: Context
    choices: Sequence[str]


def _connections(asked: _Asked) -> Iterator[Completion]:
    for name in connections(asked.context):
        found = asked.context.session.connections.get(name)
        yield Completion(name, "connection", found.environment if found else "environment", sort=f"2{name}")


def _actions(_: _Asked) -> Iterator[Completion]:
    for number, (name, doc) in enumerate(HUNT_ACTIONS.items()):
        yield Completion(name, "keyword", doc, sort=f"1{number:02}")


def _pivots(asked: _Asked) -> Iterator[Completion]:
    yield from offer_pivots(asked.context, asked.typed.text)


def _hunt_values(asked: _Asked) -> Iterator[Completion]:
    words = asked.line.words.get("values", ())
    first = not words or asked.typed.word.start <= asked.typed.base + words[0].start
    match asked.line.value("action"):
        case "run" if first:
            for id_ in fitting(asked.context.catalog.ids(), asked.typed.text):
                query = asked.context.catalog.find(id_)
                if query:
                    yield query_offer(query, id_)
        case "run":
            yield from _pairs(asked)
        case "use" | "close" | "tables":
            yield from _connections(asked)
        case "schema":
            for name in asked.context.schema.table_names():
                yield Completion(name, "table", sort=f"1{name}")
        case "connect":
            for name in asked.context.environments:
                yield Completion(name, "connection", "environment", sort=f"1{name}")
        case "timespan":
            yield from _timespans(asked)
        case _:
            return


def _frames(asked: _Asked) -> Iterator[Completion]:
    for name in asked.code.names(asked.at):
        if isinstance(asked.code.name_meaning(name, asked.at), Table):
            yield Completion(name, "variable", "data frame", sort=f"2{name}")
    for name in asked.context.session.frames:
        yield Completion(name, "variable", "data frame in the kernel", sort=f"3{name}")


def _columns(asked: _Asked) -> Iterator[Completion]:
    for name in [word for argument in asked.line.spec.arguments for word in asked.line.values(argument.name)]:
        frame = asked.context.session.frames.get(name)
        for column, kind in frame.columns.items() if frame else ():
            yield Completion(column, "column", kind, sort=f"1{column}")


def _timespans(_: _Asked) -> Iterator[Completion]:
    yield from (Completion(one, "value", "time range", sort=f"1{at:02}") for at, one in enumerate(TIMESPANS))


def _choices(asked: _Asked) -> Iterator[Completion]:
    yield from (Completion(one, "value", sort=f"1{number:02}") for number, one in enumerate(asked.choices))


def _pairs(asked: _Asked) -> Iterator[Completion]:
    found = target(asked.line, asked.context)
    if found is None:
        return
    name, equals, _ = asked.typed.text.partition("=")
    item = found.query.parameter(name) if equals else None
    if item:
        for one in offer_values(item, quoted=False):
            yield Completion(f"{name}={one.label}", "value", one.detail, sort=one.sort)
        return
    given = {word.value.partition("=")[0] for word in pair_words(asked.line)} - {asked.typed.text}
    yield from offer_parameters(found, given)


_VALUES: Final[Mapping[str, Callable[[_Asked], Iterator[Completion]]]] = {
    "action": _actions,
    "connection": _connections,
    "pivot": _pivots,
    "values": _hunt_values,
    "pair": _pairs,
    "frame": _frames,
    "text": _frames,
    "column": _columns,
    "timespan": _timespans,
    "choice": _choices,
}


def _values(kind: str, asked: _Asked) -> Iterator[Completion]:
    offer = _VALUES.get(kind)
    if offer is not None:
        yield from offer(asked)


def _explain(line: Line, name: str, word: Word, context: Context) -> str:
    if word == query_word(line):
        query = context.catalog.find(word.value)
        given = [one.value.partition("=")[0] for one in pair_words(line)]
        return describe.query(query, given=given) if query else ""
    if name == "action":
        return HUNT_ACTIONS.get(word.value, "")
    if name == "pivot":
        pivot = context.pivot_names.get(word.value)
        return describe.pivot(pivot, context.catalog.find(pivot.target)) if pivot else ""
    if name in {"values", "param"} and "=" in word.value:
        found = target(line, context)
        item = found.query.parameter(word.value.partition("=")[0]) if found else None
        return describe.parameter(item, found.query.id) if found and item else ""
    if word.value in context.session.frames:
        return describe.columns(word.value, context.session.frames[word.value].columns, "in the running kernel")
    argument = next((one for one in line.spec.arguments if one.name == name), None)
    option = line.spec.option(name)
    return argument.doc if argument else option.doc if option else ""


def _wrong_names(line: Line, context: Context) -> Iterator[Diagnostic]:
    if not len(context.catalog):
        return
    named = query_word(line)
    if named and named.value not in context.catalog:
        near = context.catalog.near(named.value)
        yield _unknown("HL101", "unknown-query", f"no query is named '{named.value}'", named, near)
    known = context.pivot_names
    for word in line.words.get("pivot", ()):
        if word.value not in known:
            near = context.near_pivots(word.value)
            yield _unknown("HL105", "unknown-pivot", f"no pivot is named '{word.value}'", word, near)


def _wrong_parameters(line: Line, context: Context) -> Iterator[Diagnostic]:
    found = target(line, context)
    if found is None:
        return
    given = set()
    names = [item.name for item in found.query.parameters if item.name != found.bound]
    for word in pair_words(line):
        name, equals, value = word.value.partition("=")
        given.add(name)
        item = found.query.parameter(name) if equals else None
        part = Word(name, word.start, word.start + len(name))
        if not equals:
            message = f"parameters of {found.query.id} are given as name=value"
            yield Diagnostic("HL102", "unknown-parameter", "error", word.start, word.end, message)
        elif item is None:
            message = f"{found.query.id} has no parameter '{name}'; it takes: {', '.join(names)}"
            yield _unknown("HL102", "unknown-parameter", message, part, get_close_matches(name, names, 2))
        else:
            yield from _wrong_type(item, value, word)
    missing = [item.name for item in found.query.required if item.name not in given and item.name != found.bound]
    if missing:
        head = query_word(line) or line.words["pivot"][0]
        last = max(word.end for words in line.words.values() for word in words)
        prefix = "" if query_word(line) else "--param "
        text = "".join(f" {prefix}{name}=" for name in missing)
        fix = Fix(f"Add {', '.join(missing)}", (Edit(last, last, text),))
        message = f"{found.query.id} needs a value for: {', '.join(missing)}"
        yield Diagnostic("HL103", "missing-parameter", "error", head.start, head.end, message, (fix,))


def _wrong_type(item: Parameter, value: str, word: Word) -> Iterator[Diagnostic]:
    if value.startswith("{") or not value:
        return
    try:
        parse_value(item, value)
    except ParameterError as error:
        yield Diagnostic("HL104", "wrong-type", "error", word.start, word.end, str(error))


def _unknown(code: str, name: str, message: str, word: Word, near: Sequence[str]) -> Diagnostic:
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    fixes = tuple(Fix(f"Change to {one}", (Edit(word.start, word.end, one),)) for one in near)
    return Diagnostic(code, name, "error", word.start, word.end, message + hint, fixes)


def _shifted(one: Diagnostic, base: int, line: Span) -> Diagnostic:
    fixes = tuple(
        Fix(fix.title, tuple(Edit(base + edit.start, base + edit.end, edit.text) for edit in fix.edits))
        for fix in one.fixes
    )
    start, end = base + one.start, base + one.end
    if start == end:
        start, end = line
    return Diagnostic(one.code, one.name, one.severity, start, end, one.message, fixes)
