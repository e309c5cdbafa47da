"""What can be offered for a meaning: members of providers, entities and tables, parameters, values."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import huntlens
from huntlens.assist import describe
from huntlens.assist.context import RUN_OPTIONS, entity_facts
from huntlens.assist.meaning import PROVIDER_METHODS, Accessor, Entity, EntityClass, Pivots, Provider, Queries, Table
from huntlens.catalog.collection import below
from huntlens.catalog.methods import METHODS
from huntlens.kql.edit.values import Completion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from huntlens.assist.context import Context
    from huntlens.assist.meaning import Meaning
    from huntlens.catalog.model import Parameter, Pivot, Query
    from huntlens.text import Span

RESULT_MEMBERS: Final = {
    "df": "The rows as a pandas data frame",
    "arrow": "The rows as an Arrow table",
    "rows": "The rows as tuples",
    "columns": "The names of the columns",
    "types": "The KQL type of each column",
    "sql": "The SQL that was run",
    "query": "The text that was run",
    "truncated": "Whether there were more rows than were fetched",
    "notes": "What is to be said about how it was answered",
    "timespan": "The time range that was asked for",
    "elapsed_s": "How long it took, in seconds",
}
MOST: Final = 1000
"""How many names are offered at a place: more than any list shows."""
PIVOT_ARGUMENTS: Final = {
    "pivot": "Entity and pivot: `Host.windows.logons`",
    "column": "The column that holds the values",
    "join": "How results join the frame: none, left, inner, right",
    "provider": "The provider to ask, where it is not the current one",
}


class Target(NamedTuple):
    """What a call calls: a query, and the parameter that an entity fills (or "")."""

    query: Query
    bound: str


def members(owner: Meaning, context: Context, typed: str = "") -> Iterator[Completion]:
    """What may follow the dot behind a meaning; of very many queries those that fit what is typed."""
    match owner:
        case Provider(environment=environment):
            yield from _query_members((), environment, context, typed)
            for name, usage in PROVIDER_METHODS.items():
                yield Completion(name, "function", usage, sort=f"3{name}")
        case Queries(path=path, environment=environment):
            yield from _query_members(path, environment, context, typed)
        case EntityClass(name=name):
            yield from _pivot_members(name, (), context, typed)
        case Entity(name=name):
            for one in entity_facts()[name].attributes if name in entity_facts() else ():
                yield Completion(one.name, "attribute", one.type, doc=one.doc, sort=f"2{one.name}")
            yield from _pivot_members(name, (), context, typed)
        case Pivots(entity=entity, path=path):
            yield from _pivot_members(entity, path, context, typed)
        case Table(kind="result"):
            for name, doc in RESULT_MEMBERS.items():
                yield Completion(name, "attribute", doc, sort=f"2{name}")
        case Table(kind="frame"):
            yield Completion("hunt", "attribute", "pivots and plots of huntlens", sort="1hunt")
        case Accessor(member=""):
            yield Completion("pivot", "function", "(pivot, column=...) -> DataFrame", sort="1pivot")
            for method in METHODS.values():
                if method.name != "pivot":
                    yield Completion(method.name, "function", method.summary, sort=f"2{method.name}")
            for name in plot_names():
                yield Completion(name, "function", "plot", sort=f"3{name}")
        case _:
            return


@lru_cache(maxsize=1)
def plot_names() -> tuple[str, ...]:
    """The plots, by the names of their files; nothing of them is imported here."""
    folder = Path(huntlens.__file__).parent / "viz" / "plots"
    return tuple(sorted(path.stem for path in folder.glob("*.py") if path.stem[0] != "_"))


def target_of(meaning: Meaning | None, context: Context) -> Target | None:
    """The query that calling a meaning runs."""
    if isinstance(meaning, Queries):
        found = context.catalog.find(meaning.id, meaning.environment) or context.catalog.find(meaning.id)
        return Target(found, "") if found else None
    if isinstance(meaning, Pivots):
        pivot = context.pivots(meaning.entity).get(meaning.id)
        if pivot and pivot.kind == "query":
            found = context.catalog.find(pivot.target)
            return Target(found, pivot.parameter) if found else None
    return None


def fitting(names: Collection[str], typed: str) -> list[str]:
    """Names to offer: all, or of very many those that begin with what is typed, then those that hold it.

    >>> fitting([f"a.{number}" for number in range(5000)], "a.4999")
    ['a.4999']
    """
    if len(names) <= MOST:
        return list(names)
    typed = typed.lower()
    begin = [name for name in names if name.lower().startswith(typed)]
    if len(begin) < MOST:
        word = typed.rpartition(".")[2]
        begin += [name for name in names if word in name.lower() and not name.lower().startswith(typed)]
    return begin[:MOST]


def offer_parameters(target: Target, given: Iterable[str], *, suffix: str = "=") -> Iterator[Completion]:
    """The parameters of a query that are not given, missing ones first."""
    given = set(given)
    for number, (item, text) in enumerate(describe.signature_parts(target.query, bound=target.bound)):
        if item.name in given:
            continue
        doc = describe.parameter(item, target.query.id)
        detail = text.partition(": ")[2] + (" (required)" if item.required else "")
        sort = f"{'0' if item.required else '1'}{number:03}"
        yield Completion(f"{item.name}{suffix}", "parameter", detail, doc=doc, sort=sort)


def offer_values(item: Parameter, *, quoted: bool) -> Iterator[Completion]:
    """Values of a parameter: the well-known ones, and some of its type."""
    quote = '"' if quoted else ""
    for number, value in enumerate(item.values):
        text = f"{quote}{value}{quote}" if item.item_type == "string" else value
        yield Completion(text, "value", item.name, sort=f"0{number:03}")
    usual = {
        "datetime": ("-1d", "-7d", "-30d", "now"),
        "timespan": ("1h", "1d", "7d"),
    }.get(item.item_type, ())
    for number, value in enumerate(usual):
        yield Completion(f"{quote}{value}{quote}", "value", item.type, sort=f"1{number:03}")
    if item.item_type == "bool" and quoted:
        yield from (Completion(word, "value", "bool", sort="1") for word in ("True", "False"))


def offer_pivots(context: Context, typed: str) -> Iterator[Completion]:
    """Pivots by entity and name."""
    for name in fitting(context.pivot_names, typed):
        pivot = context.pivot_names[name]
        yield Completion(name, "pivot", pivot.summary or pivot.target, sort=f"1{name}")


def run_options(given: Iterable[str]) -> Iterator[Completion]:
    """What every call that runs a query takes."""
    for name, doc in RUN_OPTIONS.items():
        if name not in given:
            yield Completion(f"{name}=", "parameter", "how to run it", doc=doc, sort=f"5{name}")


def query_offer(found: Query, label: str, *, bound: str = "") -> Completion:
    """A query as an offer; its documentation is filled in by `document`."""
    parts = ", ".join(item.name for item in found.required if item.name != bound)
    return Completion(label, "query", f"({parts}) {found.summary}" if parts else found.summary, sort=f"1{label}")


def document(kind: str, dotted: str, context: Context) -> str:
    """The documentation of a query or pivot that was offered without; names may stand in front of its id."""
    parts = [part for part in dotted.split(".") if part]
    for number in range(len(parts)):
        name = ".".join(parts[number:])
        if kind == "pivot":
            pivot = context.pivot_names.get(name) or _any_pivot(name, context)
            if pivot:
                return describe.pivot(pivot, context.catalog.find(pivot.target))
        found = context.catalog.find(name)
        if found:
            return describe.query(found)
    return ""


def _any_pivot(name: str, context: Context) -> Pivot | None:
    pivots = (pivot for pivots in context.catalog.pivots.values() for pivot in pivots)
    return next((pivot for pivot in pivots if pivot.name == name), None)


def table_columns(table: Meaning | None, context: Context) -> Mapping[str, str]:
    """The columns of a frame or result, as far as they are known."""
    if not isinstance(table, Table):
        return {}
    if table.name in context.session.frames:
        return context.session.frames[table.name].columns
    found = context.catalog.find(table.query) if table.query else None
    return found.columns if found else {}


def placed(offers: Iterable[Completion], word: Span) -> list[Completion]:
    """Offers that replace a word."""
    return [
        Completion(one.label, one.kind, one.detail, word.start, word.end, one.insert, one.doc, one.sort, one.snippet)
        for one in offers
    ]


def _query_members(path: tuple[str, ...], environment: str, context: Context, typed: str) -> Iterator[Completion]:
    catalog = context.catalog
    shown = environment if catalog.ids(environment) else ""
    members = catalog.below(".".join(path), shown)
    for id_ in fitting(members.queries, ".".join((*path, typed))):
        found = catalog.find(id_, environment) or catalog.find(id_)
        if found:
            yield query_offer(found, id_.rpartition(".")[2])
    for name, count in members.groups.items():
        yield Completion(name, "group", f"{count} queries", sort=f"0{name}")


def _pivot_members(entity: str, path: tuple[str, ...], context: Context, typed: str) -> Iterator[Completion]:
    found = below(context.sorted_pivots(entity), ".".join(path))
    pivots = context.pivots(entity)
    for id_ in fitting(found.queries, ".".join((*path, typed))):
        name = id_.rpartition(".")[2]
        yield Completion(name, "pivot", pivots[id_].summary or pivots[id_].target, sort=f"1{name}")
    for name, count in found.groups.items():
        yield Completion(name, "group", f"{count} pivots", sort=f"0{name}")
