"""Packs: YAML text to model, with every error at its line and nothing raised half way.

    pack: windows
    description: Windows security log
    environments: [sentinel, local]
    defaults:
      tables: [SecurityEvent]
    queries:
      windows.logons:
        summary: Successful logons on a host
        parameters:
          host: {type: string, doc: Name of the host, entity: Host.HostName}
        kql: |
          SecurityEvent
          | where TimeGenerated between (start .. end) and EventID == 4624
          | where Computer has host

Every query has the parameters `start` and `end`, unless its pack or it says `timespan: false`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huntlens.catalog.model import LANGUAGES, SCALAR_TYPES, EntityAttribute, Pack, Parameter, Query
from huntlens.catalog.nodes import Reader, block_text
from huntlens.catalog.render import PLACEHOLDER
from huntlens.catalog.values import coerce
from huntlens.errors import PackError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yaml import Node

START: Final = Parameter("start", "datetime", "Where the time range begins", "-1d", required=False)
END: Final = Parameter("end", "datetime", "Where the time range ends", "now", required=False)

PACK_KEYS: Final = ("pack", "description", "environments", "defaults", "queries")
QUERY_KEYS: Final = (
    "summary", "description", "returns", "columns", "parameters", "tables", "techniques", "tags", "aliases", "example",
    "environments", "timespan", "entities", *LANGUAGES,
)  # fmt: skip
DEFAULT_KEYS: Final = ("parameters", "tables", "techniques", "tags", "timespan")
PARAMETER_KEYS: Final = ("type", "doc", "default", "entity", "values", "wildcards")

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ID: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_TECHNIQUE: Final = re.compile(r"T\d{4}(\.\d{3})?")
_ENTITY: Final = re.compile(r"([A-Z]\w*)\.([A-Za-z]\w*)")
_RESERVED: Final = frozenset(
    "and as asc between by contains count declare desc dynamic endswith false has in join kind let like limit not "
    "null of on or order print project range set sort startswith summarize take to top true union where with".split()
)


def load_pack(source: Path | str, *, path: str = "") -> Pack:
    r"""The pack in a file (`Path`) or a text; what is wrong is in `.errors`.

    >>> load_pack("pack: p\nenvironments: [x]\nqueries: {a.b: {kql: T}}").errors[0].line
    3
    """
    if isinstance(source, Path):
        path = path or str(source)
        try:
            source = source.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            return Pack(Path(path).stem, path=path, errors=(PackError(f"cannot be read: {error}", path),))
    return _PackReader(source, path or "<pack>").pack()


class _PackReader(Reader):
    def __init__(self, text: str, path: str) -> None:
        super().__init__(path)
        self.source = text
        self.lines = text.splitlines()
        self._shared: dict[str, Parameter] | None = None

    def pack(self) -> Pack:
        root = self.root(self.source)
        if root is None:
            if not self.errors:
                self.fail("the file is empty; a pack has the keys pack, environments and queries", 1)
            return Pack(Path(self.path).stem, path=self.path, errors=tuple(self.errors))
        keys = self._known(root, "the pack", PACK_KEYS)
        name = self.text(keys.get("pack"), "pack")
        if not name:
            self.fail("a pack needs a name: pack: my_pack", root)
            name = Path(self.path).stem
        pack = Pack(
            name,
            self.text(keys.get("description"), "description").strip(),
            self._environments(keys.get("environments"), root),
            path=self.path,
        )
        queries = tuple(self._queries(keys, pack, root))
        return replace(pack, queries=queries, errors=tuple(self.errors))

    def _environments(self, node: Node | None, root: Node) -> tuple[str, ...]:
        found = self.texts(node, "environments")
        if not found:
            self.fail("a pack names the environments that its queries run on: environments: [sentinel, local]", root)
        return found

    def _known(self, node: Node | None, what: str, known: tuple[str, ...]) -> dict[str, Node]:
        found = self.mapping(node, what)
        for key in [key for key in found if key not in known]:
            near = get_close_matches(key, known, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(known)}"
            self.fail(f"'{key}' is no key of {what}; {hint}", found.pop(key))
        return found

    def _queries(self, keys: Mapping[str, Node], pack: Pack, root: Node) -> list[Query]:
        node = keys.get("queries")
        if node is None:
            self.fail("a pack has queries", root)
            return []
        defaults = self._known(keys.get("defaults"), "defaults", DEFAULT_KEYS)
        found = []
        for id_, item in self.mapping(node, "queries").items():
            query = self._query(id_, item, pack, defaults)
            if query is not None:
                found.append(query)
        return found

    def _query(self, id_: str, node: Node, pack: Pack, defaults: Mapping[str, Node]) -> Query | None:
        keys = {**defaults, **self._known(node, f"query '{id_}'", QUERY_KEYS)}
        if not _ID.fullmatch(id_):
            self.fail(f"'{id_}' is no query id; write group.name in lower case, such as windows.logons", node)
            return None
        languages = [language for language in LANGUAGES if language in keys]
        if len(languages) != 1:
            self.fail(f"'{id_}' needs exactly one text, under one of: {', '.join(LANGUAGES)}", node)
            return None
        text_node = keys[languages[0]]
        text = self.text(text_node, languages[0]).strip("\n")
        if not text.strip():
            self.fail(f"'{id_}' has an empty text", text_node)
            return None
        text_line, indent = block_text(text_node, self.lines)
        query = Query(
            id=id_,
            text=text,
            language=languages[0],
            summary=self._summary(id_, keys, node),
            description=self.text(keys.get("description"), "description").strip(),
            returns=self.text(keys.get("returns"), "returns").strip(),
            parameters=self._parameters(keys, defaults),
            columns=self._columns(keys.get("columns")),
            entity_columns=self._entity_columns(keys.get("entities")),
            tables=self.texts(keys.get("tables"), "tables"),
            techniques=self._techniques(keys.get("techniques")),
            tags=self.texts(keys.get("tags"), "tags"),
            aliases=self.texts(keys.get("aliases"), "aliases"),
            example=self.text(keys.get("example"), "example").strip(),
            environments=self.texts(keys.get("environments"), "environments") or pack.environments,
            pack=pack.name,
            path=self.path,
            line=self.key_line(node),
            text_line=text_line,
            text_indent=indent,
        )
        self._check_use(query, text_node)
        return query

    def _summary(self, id_: str, keys: Mapping[str, Node], node: Node) -> str:
        summary = " ".join(self.text(keys.get("summary"), "summary").split())
        if not summary:
            self.fail(f"'{id_}' needs a summary of one line", node)
        return summary

    def _techniques(self, node: Node | None) -> tuple[str, ...]:
        found = self.texts(node, "techniques")
        for wrong in (name for name in found if not _TECHNIQUE.fullmatch(name)):
            assert node is not None
            self.fail(f"'{wrong}' is no ATT&CK technique; write T1059 or T1059.001", node)
        return found

    def _columns(self, node: Node | None) -> dict[str, str]:
        found = {}
        for name, kind in self.mapping(node, "columns").items():
            found[name] = self.text(kind, f"the type of column '{name}'")
            if found[name] not in SCALAR_TYPES:
                self.fail(f"'{found[name]}' is no type; there are: {', '.join(SCALAR_TYPES)}", kind)
        return found

    def _entity_columns(self, node: Node | None) -> dict[str, str]:
        named = {column: self._entity(item) for column, item in self.mapping(node, "entities").items()}
        return {column: str(entity) for column, entity in named.items() if entity is not None}

    def _parameters(self, keys: Mapping[str, Node], defaults: Mapping[str, Node]) -> tuple[Parameter, ...]:
        named = dict(self._defaults(defaults))
        if keys.get("parameters") is not defaults.get("parameters"):
            named |= self._named(keys.get("parameters"))
        found = list(named.values())
        if self.flag(keys.get("timespan"), "timespan", default=True):
            given = {item.name for item in found}
            found += [item for item in (START, END) if item.name not in given]
        return tuple(found)

    def _defaults(self, defaults: Mapping[str, Node]) -> dict[str, Parameter]:
        """The parameters that all queries of the pack share, read once."""
        if self._shared is None:
            self._shared = self._named(defaults.get("parameters"))
        return self._shared

    def _named(self, node: Node | None) -> dict[str, Parameter]:
        found = (self._parameter(name, item) for name, item in self.mapping(node, "parameters").items())
        return {item.name: item for item in found if item is not None}

    def _parameter(self, name: str, node: Node) -> Parameter | None:
        what = f"parameter '{name}'"
        keys = self._known(node, what, PARAMETER_KEYS)
        if not _NAME.fullmatch(name) or name in _RESERVED:
            self.fail(f"'{name}' cannot be the name of a parameter, for it is a variable in the text", node)
            return None
        parameter = Parameter(
            name,
            self._type(keys.get("type"), what),
            " ".join(self.text(keys.get("doc"), "doc").split()),
            required="default" not in keys,
            entity=self._entity(keys.get("entity")),
            values=self.texts(keys.get("values"), "values"),
            wildcards=self.flag(keys.get("wildcards"), "wildcards"),
            line=self.key_line(node),
        )
        if parameter.required:
            return parameter
        default = self.value(keys["default"])
        try:
            coerce(parameter, default)
        except ParameterError as error:
            self.fail(f"the default of {error}", keys["default"])
        return replace(parameter, default=default)

    def _type(self, node: Node | None, what: str) -> str:
        kind = self.text(node, "type", "string")
        if kind.removesuffix("[]") in SCALAR_TYPES:
            return kind
        assert node is not None
        self.fail(f"'{kind}' is no type of {what}; there are: {', '.join(SCALAR_TYPES)}, each with [] for a list", node)
        return "string"

    def _entity(self, node: Node | None) -> EntityAttribute | None:
        text = self.text(node, "entity")
        if not text:
            return None
        match = _ENTITY.fullmatch(text)
        if match is None:
            assert node is not None
            self.fail(f"'{text}' is no entity attribute; write Host.HostName", node)
            return None
        return EntityAttribute(*match.groups())

    def _check_use(self, query: Query, node: Node) -> None:
        """Every parameter is used and every placeholder declared: a time range that is ignored is a wrong answer."""
        if query.language == "kql":
            used = set(_NAME.findall(query.text))
        else:
            used = {match[1] for match in PLACEHOLDER.finditer(query.text) if match[1]}
            for name in sorted(used - {item.name for item in query.parameters}):
                self.fail(f"'{{{name}}}' in '{query.id}' is no parameter; write {{{{ and }}}} for braces", node)
        for item in query.parameters:
            if item.name in used:
                continue
            remedy = "; say 'timespan: false' where it has none" if item.name in ("start", "end") else ""
            self.fail(f"'{query.id}' does not use its parameter '{item.name}'{remedy}", node)
