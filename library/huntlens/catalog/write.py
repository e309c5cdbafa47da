"""Packs as text: a new one, another query for one, one in its canonical form."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from huntlens.catalog.load import END, START, load_pack
from huntlens.catalog.model import Query
from huntlens.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from huntlens.catalog.model import Pack, Parameter

_WIDTH: Final = 118
_PLAIN: Final = re.compile(r"[A-Za-z][\w ./()-]*[\w.)]|[A-Za-z]")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def new_pack(name: str, environments: Iterable[str] = ("local",), description: str = "") -> str:
    """The text of a new pack with one query to begin from.

    >>> load_pack(new_pack("mine")).errors
    ()
    """
    example = Query(
        id=f"{_slug(name)}.example",
        text="SecurityEvent\n| where TimeGenerated between (start .. end)\n| take 10",
        summary="The first events of the range",
        returns="One row for each event",
        tables=("SecurityEvent",),
        example=f"qp.{_slug(name)}.example()",
    )
    head = [f"pack: {_scalar(name)}", f"description: {_scalar(description or 'My queries')}"]
    head += [f"environments: {_list(environments)}", "", "queries:"]
    return "\n".join(head) + "\n" + entry(example)


def entry(query: Query, *, environments: Iterable[str] = ()) -> str:
    """The text of one query as it stands in a pack, indented below `queries:`."""
    lines = [f"  {query.id}:", f"    summary: {_scalar(query.summary)}"]
    for name in ("description", "returns"):
        if getattr(query, name):
            lines += _prose(name, getattr(query, name))
    own = query.environments if tuple(environments) != query.environments else ()
    for name, values in (
        ("environments", own), ("tables", query.tables), ("techniques", query.techniques), ("tags", query.tags),
        ("aliases", query.aliases),
    ):  # fmt: skip
        if values:
            lines += _listed(name, values)
    if query.columns:
        pairs = ", ".join(f"{_scalar(name)}: {kind}" for name, kind in query.columns.items())
        lines.append(f"    columns: {{{pairs}}}")
    if query.entity_columns:
        pairs = ", ".join(f"{_scalar(name)}: {entity}" for name, entity in query.entity_columns.items())
        lines.append(f"    entities: {{{pairs}}}")
    if query.example:
        lines.append(f"    example: {_scalar(query.example)}")
    given = {item.name for item in query.parameters}
    if not {"start", "end"} & given and not re.search(r"\b(start|end)\b", query.text):
        lines.append("    timespan: false")
    own_parameters = [item for item in query.parameters if not _is_default(item)]
    if own_parameters:
        lines.append("    parameters:")
        lines += [f"      {item.name}: {_parameter(item)}" for item in own_parameters]
    lines.append(f"    {query.language}: |")
    lines += [f"      {line}".rstrip() for line in query.text.strip("\n").splitlines()]
    return "\n".join(lines) + "\n"


def add_query(text: str, query: Query, *, path: str = "<pack>") -> str:
    """The text of a pack with one more query at its end; `PackError` where it would not be right.

    >>> text = add_query(new_pack("mine"), Query("mine.other", "T", summary="Other"))
    >>> [query.id for query in load_pack(text).queries]
    ['mine.example', 'mine.other']
    """
    before = load_pack(text, path=path)
    if before.errors:
        raise before.errors[0]
    if query.id in {known.id for known in before.queries}:
        raise PackError(f"there is a query '{query.id}' already", path, _line_of(before, query.id))
    added = text.rstrip("\n") + "\n\n" + entry(query, environments=query.environments or before.environments)
    after = load_pack(added, path=path)
    if after.errors:
        raise after.errors[0]
    return added


def format_pack(text: str, *, path: str = "<pack>", format_kql: Callable[[str], str] | None = None) -> str:
    """A pack in its canonical form, comments before the first key kept; `PackError` where it has errors.

    Defaults of the pack are written into its queries' place unchanged; `format_kql` lays out KQL texts.
    """
    pack = load_pack(text, path=path)
    if pack.errors:
        raise pack.errors[0]
    if format_kql is None:
        return re.sub(r"[ \t]+$", "", text.rstrip("\n") + "\n", flags=re.MULTILINE)
    lines = text.rstrip("\n").splitlines()
    for query in sorted(pack.queries, key=lambda item: -item.text_line):
        if query.language != "kql" or not query.text_indent:
            continue
        length = len(query.text.splitlines())
        laid_out = format_kql(query.text.rstrip()).strip("\n").splitlines()
        lines[query.text_line - 1 : query.text_line - 1 + length] = [
            f"{' ' * query.text_indent}{line}".rstrip() for line in laid_out
        ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _line_of(pack: Pack, id_: str) -> int:
    return next(query.line for query in pack.queries if query.id == id_)


def _is_default(item: Parameter) -> bool:
    return (item.name, item.type, item.default) in (
        (START.name, START.type, START.default),
        (END.name, END.type, END.default),
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "mine"


def _scalar(value: str) -> str:
    """A YAML scalar: plain where that is safe, else a quoted text, which JSON's is."""
    value = " ".join(value.split())
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(_scalar(value) for value in values)}]"


def _listed(name: str, values: Iterable[str]) -> list[str]:
    flow = f"    {name}: {_list(values)}"
    return [flow] if len(flow) <= _WIDTH else [f"    {name}:", *(f"      - {_scalar(value)}" for value in values)]


def _prose(name: str, text: str) -> list[str]:
    if "\n" not in text.strip():
        return [f"    {name}: {_scalar(text)}"]
    return [f"    {name}: |", *(f"      {line}".rstrip() for line in text.strip().splitlines())]


def _parameter(item: Parameter) -> str:
    parts: dict[str, Any] = {"type": _scalar(item.type) if "[" not in item.type else json.dumps(item.type)}
    if item.doc:
        parts["doc"] = _scalar(item.doc)
    if not item.required:
        parts["default"] = json.dumps(item.default, ensure_ascii=False, default=str)
    if item.entity:
        parts["entity"] = str(item.entity)
    if item.values:
        parts["values"] = _list(item.values)
    if item.wildcards:
        parts["wildcards"] = "true"
    return "{" + ", ".join(f"{key}: {value}" for key, value in parts.items()) + "}"
