"""Query calls and pivots in Python code: completion, hover, signature help and definition at a place.

Strings that hold KQL and the lines of magics are others' business (`cells` sorts out whose).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import huntlens
from huntlens.assist import describe
from huntlens.assist.bound_names import Where
from huntlens.assist.context import RUN_OPTIONS, entity_facts
from huntlens.assist.meaning import (
    PROVIDER_METHODS,
    Accessor,
    Entity,
    EntityClass,
    Pivots,
    Provider,
    ProviderClass,
    ProviderMethod,
    Queries,
    Table,
)
from huntlens.assist.offers import (
    PIVOT_ARGUMENTS,
    Target,
    members,
    offer_parameters,
    offer_pivots,
    offer_values,
    placed,
    run_options,
    table_columns,
    target_of,
)
from huntlens.assist.python_cursor import call_at, chain_at, string_at, string_content
from huntlens.catalog.collection import within
from huntlens.kql.edit.values import Completion, Hover, Location, ParameterHelp, SignatureHelp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from huntlens.assist.context import Context
    from huntlens.assist.meaning import Code, Meaning
    from huntlens.assist.python_cursor import CallSite
    from huntlens.catalog.model import Pivot
    from huntlens.text import Span

JOINS: Final = ("none", "left", "inner", "right")


def complete(code: Code, at: Where, context: Context) -> list[Completion]:
    """Members behind a dot, parameters within a call, values within a string."""
    cell = code.cells[at.cell]
    if string_at(cell, at.offset):
        return _complete_string(code, at, context)
    chain = chain_at(cell, at.offset)
    if chain is None:
        return []
    if chain.dotted:
        owner = code.text_meaning(chain.before, Where(at.cell, chain.start))
        typed = cell.text[chain.word.start : at.offset]
        return [] if owner is None else placed(members(owner, context, typed), chain.word)
    site = call_at(cell, at.offset)
    if site is None or (site.argument and site.argument.keyword and site.argument.name.end < at.offset):
        return _value_offers(code, at, site, chain.word, context) if site else []
    return placed(_parameter_offers(code, at, site, context), chain.word)


def hover(code: Code, at: Where, context: Context) -> Hover | None:
    """What the name at a place is: a query, a group, a parameter, an entity, a pivot, a table."""
    cell = code.cells[at.cell]
    if string_at(cell, at.offset):
        return _hover_string(code, at, context)
    chain = chain_at(cell, at.offset)
    if chain is None or chain.word.start == chain.word.end:
        return None
    word = chain.typed(cell.text)
    site = call_at(cell, at.offset)
    keyword = _keyword_at(site, at.offset)
    if site and keyword:
        text = _keyword_text(code, at.cell, site, keyword, context)
        return Hover(text, *chain.word) if text else None
    whole = f"{chain.before}.{word}" if chain.dotted else word
    meaning = code.text_meaning(whole, Where(at.cell, chain.word.end))
    # A keyword of the call at which the name stands is what is given already.
    following = call_at(cell, chain.word.end + 1)
    given = _given(following) if following and following.callee.endswith(word) else []
    text = explain(meaning, context, word, given=given) if meaning is not None else ""
    return Hover(text, *chain.word) if text else None


def explain(meaning: Meaning, context: Context, word: str = "", *, given: Iterable[str] = ()) -> str:
    """A meaning in Markdown; empty where there is nothing to say."""
    match meaning:
        case Queries(path=path, environment=environment):
            found = context.catalog.find(meaning.id, environment) or context.catalog.find(meaning.id)
            if found:
                return describe.query(found, given=given)
            members = within(context.catalog.ids(environment), meaning.id) if path else ()
            return describe.group(".".join(path), members) if members else ""
        case EntityClass(name=name) | Entity(name=name):
            facts = entity_facts().get(name)
            return describe.entity(facts, context.pivots(name)) if facts else ""
        case Pivots(entity=entity):
            return _explain_pivot(meaning, entity, context)
        case Provider(environment=environment):
            return _explain_provider(environment, word, context)
        case ProviderClass():
            known = ", ".join(describe.inline(name) for name in context.environments)
            return f"**QueryProvider** runs queries on one environment\n\nKnown environments: {known}"
        case ProviderMethod(name=name):
            return describe.code(f"{name}{PROVIDER_METHODS[name]}", "python")
        case Table(name=name) if name in context.session.frames:
            return describe.columns(name, context.session.frames[name].columns, "in the running kernel")
        case Table(query=id_) if id_:
            found = context.catalog.find(id_)
            return describe.columns(word, found.columns, id_) if found and found.columns else ""
        case Accessor(member="pivot"):
            return describe.code("frame.hunt.pivot(pivot, column=..., join=...)", "python")
        case _:
            return ""


def signature(code: Code, at: Where, context: Context) -> SignatureHelp | None:
    """The call at a place: its parameters, which is being typed, which are missing."""
    cell = code.cells[at.cell]
    site = call_at(cell, at.offset)
    if site is None:
        return None
    target = call_target(code, at.cell, site, context)
    if target is not None:
        return query_signature(target, site)
    match code.text_meaning(site.callee, Where(at.cell, site.start)):
        case ProviderMethod(name=name) if PROVIDER_METHODS[name].startswith("("):
            return _plain_signature(name, PROVIDER_METHODS[name], site)
        case Accessor(member="pivot"):
            return _plain_signature("pivot", "(pivot, column='', *, join='none', provider=None)", site)
        case _:
            return None


def query_signature(target: Target, site: CallSite) -> SignatureHelp:
    """The signature of a query, the active parameter by its keyword."""
    parts = describe.signature_parts(target.query, bound=target.bound)
    label, spans = f"{target.query.name}(", []
    for index, (_, text) in enumerate(parts):
        label += ", " if index else ""
        spans.append((len(label), len(label) + len(text)))
        label += text
    given = _given(site)
    missing = [item.name for item, _ in parts if item.required and item.name not in given]
    doc = describe.escape(target.query.summary)
    if missing:
        doc += "\n\nStill missing: " + ", ".join(map(describe.inline, missing))
    helps = tuple(
        ParameterHelp(start, end, describe.parameter(item, target.query.id))
        for (start, end), (item, _) in zip(spans, parts, strict=True)
    )
    return SignatureHelp(f"{label})", doc, helps, _active(site, [item.name for item, _ in parts]))


def definition(code: Code, at: Where, context: Context) -> list[Location]:
    """Where the query, parameter or pivot at a place is written."""
    cell = code.cells[at.cell]
    chain = chain_at(cell, at.offset)
    if chain is None or string_at(cell, at.offset):
        return _define_string(code, at, context)
    site = call_at(cell, at.offset)
    keyword = _keyword_at(site, at.offset)
    if site and keyword:
        target = call_target(code, at.cell, site, context)
        item = target.query.parameter(keyword) if target else None
        return [_file(target.query.path, item.line if item.line > 1 else target.query.line)] if target and item else []
    word = chain.typed(cell.text)
    whole = f"{chain.before}.{word}" if chain.dotted else word
    match code.text_meaning(whole, Where(at.cell, chain.word.end)):
        case Queries() as queries:
            found = context.catalog.find(queries.id, queries.environment) or context.catalog.find(queries.id)
            return [_file(found.path, found.line)] if found and found.path else []
        case Pivots(entity=entity) as pivots:
            pivot = context.pivots(entity).get(pivots.id)
            return pivot_locations(pivot, context) if pivot else []
        case EntityClass(name=name):
            return _source_locations(f"huntlens.entities:{name}")
        case _:
            return []


def call_target(code: Code, cell: int, site: CallSite, context: Context) -> Target | None:
    """The query that a call runs, directly or as an entity's pivot."""
    return target_of(code.text_meaning(site.callee, Where(cell, site.start)), context)


def pivot_locations(pivot: Pivot, context: Context) -> list[Location]:
    """Where what a pivot runs is written: a query's line, a function's `def`."""
    if pivot.kind == "query":
        found = context.catalog.find(pivot.target)
        return [_file(found.path, found.line)] if found and found.path else []
    return _source_locations(pivot.target) or ([_file(pivot.path, pivot.line)] if pivot.path else [])


def _parameter_offers(code: Code, at: Where, site: CallSite, context: Context) -> Iterator[Completion]:
    typed = _keyword_at(site, at.offset)
    given = [name for name in _given(site) if name != typed]
    target = call_target(code, at.cell, site, context)
    if target is not None:
        yield from offer_parameters(target, given)
        yield from run_options(given)
        return
    match code.text_meaning(site.callee, Where(at.cell, site.start)):
        case ProviderMethod(name="exec_query"):
            yield from run_options(given)
        case EntityClass(name=name) if name in entity_facts():
            for number, one in enumerate(entity_facts()[name].attributes):
                if one.name not in given:
                    yield Completion(f"{one.name}=", "parameter", one.type, doc=one.doc, sort=f"0{number:03}")
        case Accessor(member="pivot"):
            for number, (name, doc) in enumerate(PIVOT_ARGUMENTS.items()):
                if number and name not in given:
                    yield Completion(f"{name}=", "parameter", doc, sort=f"0{number:03}")
        case _:
            return


def _value_offers(code: Code, at: Where, site: CallSite, word: Span, context: Context) -> list[Completion]:
    target = call_target(code, at.cell, site, context)
    argument = site.argument
    item = target.query.parameter(argument.keyword) if target and argument else None
    return placed(offer_values(item, quoted=True), word) if item else []


def _complete_string(code: Code, at: Where, context: Context) -> list[Completion]:
    cell = code.cells[at.cell]
    token = string_at(cell, at.offset)
    site = call_at(cell, at.offset)
    if token is None or site is None:
        return []
    content = string_content(token)
    typed = cell.text[content.start : at.offset]
    return placed(_string_offers(code, at.cell, site, context, typed), content)


def _string_offers(code: Code, cell: int, site: CallSite, context: Context, typed: str) -> Iterator[Completion]:
    argument = site.argument
    keyword = argument.keyword if argument else ""
    first = site.active == 0 and not keyword
    match code.text_meaning(site.callee, Where(cell, site.start)):
        case ProviderClass() if first or keyword == "environment":
            for name in context.environments:
                yield Completion(name, "connection", "environment", sort=f"1{name}")
        case Accessor(member="pivot") if first or keyword == "pivot":
            yield from offer_pivots(context, typed)
        case Accessor(member="pivot") if keyword == "column" or site.active == 1:
            frame = code.text_meaning(site.callee.rpartition(".hunt.")[0], Where(cell, site.start))
            for name, kind in table_columns(frame, context).items():
                yield Completion(name, "column", kind, sort=f"1{name}")
        case Accessor(member="pivot") if keyword == "join":
            for name in JOINS:
                yield Completion(name, "value", "join", sort=f"1{name}")
        case meaning:
            target = target_of(meaning, context)
            item = target.query.parameter(keyword) if target else None
            if item:
                yield from offer_values(item, quoted=False)


def _hover_string(code: Code, at: Where, context: Context) -> Hover | None:
    pivot, content = _pivot_in_string(code, at, context)
    return Hover(describe.pivot(pivot, context.catalog.find(pivot.target)), *content) if pivot and content else None


def _define_string(code: Code, at: Where, context: Context) -> list[Location]:
    pivot, _ = _pivot_in_string(code, at, context)
    return pivot_locations(pivot, context) if pivot else []


def _pivot_in_string(code: Code, at: Where, context: Context) -> tuple[Pivot | None, Span | None]:
    cell = code.cells[at.cell]
    token, site = string_at(cell, at.offset), call_at(cell, at.offset)
    if token is None or site is None:
        return None, None
    if not isinstance(code.text_meaning(site.callee, Where(at.cell, site.start)), Accessor):
        return None, None
    content = string_content(token)
    return context.pivot_names.get(content.of(cell.text)), content


def _explain_pivot(meaning: Pivots, entity: str, context: Context) -> str:
    pivots = context.pivots(entity)
    found = pivots.get(meaning.id)
    if found:
        return describe.pivot(found, context.catalog.find(found.target) if found.kind == "query" else None)
    facts = entity_facts().get(entity)
    attribute = facts.attribute(meaning.id) if facts else None
    if attribute:
        return describe.entity_property(entity, attribute)
    members = [f"{entity}.{name}" for name in within(context.sorted_pivots(entity), meaning.id)]
    return describe.group(f"{entity}.{meaning.id}", members) if members else ""


def _explain_provider(environment: str, word: str, context: Context) -> str:
    text = f"**{describe.escape(word or 'provider')}** runs queries on {describe.inline(environment or 'a connection')}"
    tables = [
        name
        for connection in context.session.connections.values()
        if connection.variable == word
        for name in connection.tables
    ]
    return text + (f"\n\nTables: {', '.join(map(describe.inline, tables[:40]))}" if tables else "")


def _plain_signature(name: str, usage: str, site: CallSite) -> SignatureHelp:
    label = name + usage
    inside = usage[1 : usage.index(")")]
    spans, names, at = [], [], len(name) + 1
    for part in inside.split(", "):
        if part not in {"*", ""}:
            spans.append(ParameterHelp(at, at + len(part), RUN_OPTIONS.get(part.partition("=")[0], "")))
            names.append(part.partition("=")[0])
        at += len(part) + 2
    return SignatureHelp(label, "", tuple(spans), _active(site, names, positional=True))


def _active(site: CallSite, names: list[str], *, positional: bool = False) -> int:
    argument = site.argument
    if argument and argument.keyword in names:
        return names.index(argument.keyword)
    if positional:
        return site.active
    given = _given(site)
    return next((index for index, name in enumerate(names) if name not in given), len(names))


def _given(site: CallSite) -> list[str]:
    return [argument.keyword for argument in site.arguments if argument.keyword]


def _keyword_at(site: CallSite | None, offset: int) -> str:
    for argument in site.arguments if site else ():
        if argument.keyword and argument.name.start <= offset <= argument.name.end:
            return argument.keyword
    return ""


def _keyword_text(code: Code, cell: int, site: CallSite, keyword: str, context: Context) -> str:
    target = call_target(code, cell, site, context)
    item = target.query.parameter(keyword) if target else None
    if target and item:
        return describe.parameter(item, target.query.id)
    match code.text_meaning(site.callee, Where(cell, site.start)):
        case EntityClass(name=name) if name in entity_facts():
            one = entity_facts()[name].attribute(keyword)
            return describe.entity_property(name, one) if one else ""
        case Accessor(member="pivot"):
            return PIVOT_ARGUMENTS.get(keyword, "")
        case ProviderMethod(name="exec_query") | Queries():
            return RUN_OPTIONS.get(keyword, "")
        case _:
            return ""


def _file(path: str, line: int) -> Location:
    return Location(0, 0, path, max(line - 1, 0))


def _source_locations(target: str) -> list[Location]:
    """Where a function or class of the package is written; read as a file, nothing is imported."""
    module, _, name = target.partition(":")
    base = Path(huntlens.__file__).parent.joinpath(*module.split(".")[1:])
    places = sorted(base.glob("*.py")) if base.is_dir() else [base.with_suffix(".py")]
    starts = (f"def {name}(", f"class {name}(", f"class {name}:")
    for place in places:
        try:
            lines = place.read_text("utf-8").splitlines()
        except OSError:
            continue
        for number, line in enumerate(lines):
            if line.startswith(starts):
                return [Location(0, 0, str(place), number)]
    return []
