"""Query packs in YAML: keys and values by where they stand, and the KQL of their blocks at its places.

Works by indentation, line by line, so that it answers while the YAML is half typed; what is wrong is said by the
loader of the catalogue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from huntlens.assist import describe, kql_text
from huntlens.assist.context import entity_facts
from huntlens.assist.embedded import Embedded, Piece
from huntlens.catalog.load import DEFAULT_KEYS, PACK_KEYS, PARAMETER_KEYS, QUERY_KEYS, load_pack
from huntlens.catalog.model import SCALAR_TYPES
from huntlens.kql.diagnostics import Diagnostic
from huntlens.kql.edit.values import Completion, Hover, Location, Symbol
from huntlens.text import LineIndex, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huntlens.assist.context import Context
    from huntlens.catalog.model import Pack, Query
    from huntlens.kql.edit.values import SignatureHelp

KEYS: Final[Mapping[str, str]] = {
    "pack": "Name of the pack",
    "description": "What it is about, in a paragraph",
    "environments": "Where it runs: `[sentinel, local]`",
    "defaults": "What all queries of the file share",
    "queries": "The queries, by `group.name`",
    "summary": "What the query answers, in one line",
    "returns": "What a row of the result is",
    "columns": "Columns of the result and their types",
    "entities": "Columns of the result that hold an entity attribute: `{Computer: Host.HostName}`",
    "parameters": "Variables of the query: type, doc, default, entity",
    "tables": "Tables that it reads",
    "techniques": "ATT&CK techniques: `[T1110.003]`",
    "tags": "Words to find it by",
    "example": "A call, as it is typed",
    "timespan": "`false` where the query has no time range",
    "kql": "The query; parameters, `start` and `end` are variables in it",
    "spl": "The query in Splunk's language; parameters are `{name}`",
    "sql": "The query in SQL; parameters are `{name}`",
    "odata": "The filter in OData; parameters are `{name}`",
    "sumo": "The query in Sumo Logic's language; parameters are `{name}`",
    "type": "A KQL type, with `[]` for a list",
    "doc": "What the parameter means",
    "default": "Its value where none is given; without one it is required",
    "entity": "The entity attribute that it takes: `Host.HostName`; makes the query a pivot",
    "values": "Well-known values",
    "wildcards": "Whether `*` in a value is a wildcard",
}
_LINE: Final = re.compile(r"(?P<indent> *)(?P<dash>- +)?(?P<key>[\w.]+)[ ]*:(?P<rest>[^\r\n]*)")
_FLOW: Final = re.compile(r"\{(?:[^{}]*,)?[ ]*(?:(?P<key>\w+)[ ]*:[^,{}]*|\w*)\Z")
"""A mapping in braces that is open, and the key whose value is being typed."""
_BLOCK: Final = re.compile(r"[ ]*[|>][-+0-9]*[ ]*(?:#.*)?$")
_PACK: Final = re.compile(r"^(?:pack|queries)[ ]*:", re.MULTILINE)


def is_pack(text: str) -> bool:
    """Whether a YAML text is a query pack: both of its main keys stand in the first column."""
    return len({match[0].rstrip(": ") for match in _PACK.finditer(text)}) == 2


@dataclass(frozen=True)
class PackText:
    """A pack as lines, with the path of keys that leads to each."""

    text: str
    path: str = ""

    @cached_property
    def index(self) -> LineIndex:
        """Lines of the text."""
        return LineIndex(self.text)

    @cached_property
    def loaded(self) -> Pack:
        """The pack as the catalogue reads it."""
        return load_pack(self.text, path=self.path)

    @cached_property
    def _above(self) -> list[tuple[tuple[int, str], ...]]:
        """For each line the keys that it may lie within, with their indentation, outermost first."""
        found = []
        open_: tuple[tuple[int, str], ...] = ()
        for number, start in enumerate(self.index.starts):
            found.append(open_)
            match = _LINE.match(self.text, start, self.index.line_span(number).end)
            if match and not match["dash"]:
                indent = len(match["indent"])
                open_ = (*(one for one in open_ if one[0] < indent), (indent, match["key"]))
        return found

    @cached_property
    def blocks(self) -> tuple[tuple[str, Embedded], ...]:
        """The KQL texts: the id of the query, and the text at its places."""
        return tuple(self._blocks())

    def _blocks(self) -> Iterator[tuple[str, Embedded]]:
        index = self.index
        for number in range(len(index.starts)):
            match = _LINE.match(self.text, index.starts[number], index.line_span(number).end)
            if match is None or match["key"] != "kql":
                continue
            keys = self.keys_above(number, len(match["indent"]))
            if len(keys) != 2 or keys[0] != "queries":
                continue
            found = self._block(index, number) if _BLOCK.match(match["rest"]) else self._inline(match)
            if found is not None:
                yield keys[1], found

    def keys_above(self, line: int, indent: int) -> list[str]:
        """The keys that a line of an indentation lies within, outermost first."""
        return [key for own, key in self._above[line] if own < indent]

    def _block(self, index: LineIndex, header: int) -> Embedded | None:
        lines = [index.line_span(number) for number in range(header + 1, len(index.starts))]
        parent = _indent(index.line_span(header).of(self.text))
        own = next((_indent(line.of(self.text)) for line in lines if line.of(self.text).strip()), 0)
        if own <= parent:
            return None
        pieces, parts, inner = [], [], 0
        for line in lines:
            content = line.of(self.text)
            if content.strip() and _indent(content) < own:
                break
            start = min(line.start + own, line.end)
            pieces.append(Piece(inner, start, line.end - start))
            parts.append(self.text[start : line.end])
            inner += line.end - start + 1
        while len(parts) > 1 and not parts[-1].strip():
            parts.pop()
            pieces.pop()
        return Embedded("\n".join(parts), tuple(pieces)) if parts else None

    def _inline(self, match: re.Match[str]) -> Embedded | None:
        value = match["rest"].strip()
        if not value or value[0] in "\"'>|{[&*!":
            return None
        start = match.start("rest") + len(match["rest"]) - len(match["rest"].lstrip())
        return Embedded.verbatim(self.text, Span(start, start + len(value)))

    def kql_at(self, offset: int) -> Embedded | None:
        """The KQL that an offset is in, with the parameters of its query declared."""
        for id_, embedded in self.blocks:
            start, end = embedded.span
            if start <= offset <= end:
                return self.declared(id_, embedded)
        return None

    def declared(self, id_: str, embedded: Embedded) -> Embedded:
        """A query's text with its parameters declared."""
        query = self.queries().get(id_)
        types = query.types if query else {"start": "datetime", "end": "datetime"}
        return kql_text.declared(embedded, types)

    def queries(self) -> dict[str, Query]:
        """The queries that can be read."""
        return {query.id: query for query in self.loaded.queries}


def complete(pack: PackText, offset: int, context: Context) -> list[Completion]:
    """Keys and values at an offset, KQL within a text."""
    embedded = pack.kql_at(offset)
    if embedded is not None:
        return kql_text.complete(embedded, offset, context)
    index = pack.index
    line = index.position(offset, "utf-32").line
    span = index.line_span(line)
    before = pack.text[span.start : offset]
    match = _LINE.match(before)
    start = offset - len(re.split(r"[^\w.]", before)[-1])
    if match:
        keys = [*pack.keys_above(line, len(match["indent"])), match["key"]]
        flow = _FLOW.search(match["rest"])
        if flow is None or flow["key"]:
            offers = list(_value_offers([*keys, flow["key"]] if flow else keys, context))
        else:
            offers = [replace(one, insert=f"{one.label}: ") for one in _key_offers(keys, context)]
    else:
        offers = list(_key_offers(pack.keys_above(line, _indent(before)), context))
    return [
        Completion(one.label, one.kind, one.detail, start, offset, one.insert, one.doc, one.sort, one.snippet)
        for one in offers
    ]


def hover(pack: PackText, offset: int, context: Context) -> Hover | None:
    """What a key means, what a query or an entity is; KQL within a text."""
    embedded = pack.kql_at(offset)
    if embedded is not None:
        return kql_text.hover(embedded, offset, context)
    index = pack.index
    line = index.position(offset, "utf-32").line
    match = _LINE.match(pack.text, index.starts[line], index.line_span(line).end)
    if match is None:
        return None
    keys = pack.keys_above(line, len(match["indent"]))
    if match.start("key") <= offset <= match.end("key"):
        query = pack.queries().get(match["key"]) if keys == ["queries"] else None
        about = describe.query(query) if query else KEYS.get(match["key"], "")
        return Hover(about, *match.span("key")) if about else None
    entity = re.search(r"([A-Z]\w*)\.([A-Z]\w*)", match["rest"])
    if entity and entity.group(1) in entity_facts():
        facts = entity_facts()[entity.group(1)]
        base = match.start("rest")
        return Hover(describe.entity(facts, context.pivots(facts.name)), base + entity.start(), base + entity.end())
    return None


def signature(pack: PackText, offset: int, context: Context) -> SignatureHelp | None:
    """The call of a KQL function that an offset is in."""
    embedded = pack.kql_at(offset)
    return kql_text.signature(embedded, offset, context) if embedded is not None else None


def definition(pack: PackText, offset: int, context: Context) -> list[Location]:
    """Where a name in KQL is defined; a parameter's own line."""
    embedded = pack.kql_at(offset)
    return kql_text.definition(embedded, offset, context) if embedded is not None else []


def check(pack: PackText, context: Context) -> list[Diagnostic]:
    """What the loader finds wrong, entities that do not exist, and what is wrong with the KQL.

    HL301 pack, HL302 unknown-entity.
    """
    index = pack.index
    loaded = pack.loaded
    found = []
    for error in loaded.errors:
        span = _solid(pack.text, index.line_span(max(error.line - 1, 0)))
        message = str(error).split(f":{error.line}: ", 1)[-1]
        found.append(Diagnostic("HL301", "pack", "error", *span, message))
    for query in loaded.queries:
        for item in query.parameters:
            if item.entity and (item.entity.entity not in entity_facts() or not _has(str(item.entity))):
                span = _solid(pack.text, index.line_span(max(item.line - 1, 0)))
                message = f"no entity has the attribute {item.entity}"
                found.append(Diagnostic("HL302", "unknown-entity", "error", *span, message))
    types = {query.id: query.types for query in loaded.queries}
    for id_, embedded in pack.blocks:
        if id_ in types:
            found += kql_text.check(kql_text.declared(embedded, types[id_]), context)
    return sorted(found, key=lambda one: one.start)


def symbols(pack: PackText) -> list[Symbol]:
    """The queries of the pack, with their parameters."""
    index = pack.index
    found: list[Symbol] = []
    queries = sorted(pack.queries().values(), key=lambda query: query.line)
    for number, query in enumerate(queries):
        start = index.line_span(query.line - 1).start
        last = queries[number + 1].line - 2 if number + 1 < len(queries) else len(index.starts) - 1
        inner = tuple(
            Symbol(item.name, "parameter", item.type, *_solid(pack.text, index.line_span(item.line - 1)))
            for item in query.parameters
            if item.line > query.line
        )
        end = max([index.line_span(last).end, *(one.end for one in inner)])
        found.append(Symbol(query.id, "query", query.summary, start, end, inner))
    return found


def _key_offers(keys: list[str], context: Context) -> Iterator[Completion]:
    match keys:
        case []:
            known: tuple[str, ...] = PACK_KEYS
        case ["defaults"]:
            known = DEFAULT_KEYS
        case ["queries", _]:
            known = QUERY_KEYS
        case ["queries", _, "parameters", _] | ["defaults", "parameters", _]:
            known = PARAMETER_KEYS
        case [*_, "tables"]:
            yield from (Completion(name, "table", sort=f"1{name}") for name in context.schema.table_names())
            return
        case _:
            return
    for number, key in enumerate(known):
        insert = f"{key}: |\n  " if key in {"kql", "spl", "sql"} else f"{key}: "
        yield Completion(key, "keyword", KEYS.get(key, ""), insert=insert, sort=f"1{number:02}")


def _value_offers(keys: list[str], context: Context) -> Iterator[Completion]:
    match keys[-1]:
        case "type":
            yield from (Completion(name, "type", sort=f"1{name}") for name in SCALAR_TYPES)
            yield from (Completion(f"{name}[]", "type", "list", sort=f"2{name}") for name in SCALAR_TYPES)
        case "entity":
            for facts in entity_facts().values():
                for one in facts.attributes:
                    yield Completion(f"{facts.name}.{one.name}", "attribute", one.doc, sort=f"1{facts.name}.{one.name}")
        case "environments":
            yield from (Completion(name, "connection", sort=f"1{name}") for name in context.environments)
        case "tables":
            yield from (Completion(name, "table", sort=f"1{name}") for name in context.schema.table_names())
        case "timespan" | "wildcards":
            yield from (Completion(word, "value", sort=f"1{word}") for word in ("true", "false"))
        case _ if "columns" in keys:
            yield from (Completion(name, "type", sort=f"1{name}") for name in SCALAR_TYPES)
        case _:
            return


def _has(attribute: str) -> bool:
    """Whether an entity has that attribute, or a property that is worked out of its attributes."""
    entity, _, name = attribute.partition(".")
    facts = entity_facts()[entity]
    return facts.attribute(name) is not None or name in facts.members


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _solid(text: str, line: Span) -> Span:
    """A line's span without the blanks around it."""
    content = line.of(text)
    start = line.start + len(content) - len(content.lstrip())
    return Span(start, max(start, line.start + len(content.rstrip())))
