"""What a catalogue holds: packs, queries, parameters and pivots, as frozen values that know their file and line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.errors import PackError

LANGUAGES: Final = ("kql", "spl", "sql", "odata", "sumo")
"""The languages that a query's text may be in; each is also the key of that text in a pack."""

SCALAR_TYPES: Final = ("bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic")


class EntityAttribute(NamedTuple):
    """An attribute of an entity: `Host.HostName`."""

    entity: str
    attribute: str

    def __str__(self) -> str:
        return f"{self.entity}.{self.attribute}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a query: its KQL type, and the entity attribute that it takes its value from.

    >>> Parameter("ids", "long[]").kql_type
    'dynamic'
    """

    name: str
    type: str
    """A KQL scalar type, or one with `[]` for a list."""
    doc: str = ""
    default: object = None
    required: bool = True
    entity: EntityAttribute | None = None
    values: tuple[str, ...] = ()
    """Well-known values, for completion; others are allowed."""
    wildcards: bool = False
    """Whether `*` in a value is meant as a wildcard, where the language reads it as one."""
    line: int = 1

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return self.type.endswith("[]")

    @property
    def item_type(self) -> str:
        """The type of the value, or of each item of a list."""
        return self.type.removesuffix("[]")

    @property
    def kql_type(self) -> str:
        """The type of the variable in KQL: lists are dynamic."""
        return "dynamic" if self.is_list else self.type


@dataclass(frozen=True, slots=True)
class Query:
    """A query that can be run by name."""

    id: str
    """`group.name`, as it is called: `windows.logons`."""
    text: str
    language: str = "kql"
    summary: str = ""
    description: str = ""
    returns: str = ""
    parameters: tuple[Parameter, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    """The result columns and their types, where the pack states them."""
    entity_columns: Mapping[str, str] = field(default_factory=dict)
    """Result columns that hold an entity attribute: `{"Computer": "Host.HostName"}`."""
    tables: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """Names that queries for the same purpose have elsewhere, for those who come from there."""
    example: str = ""
    environments: tuple[str, ...] = ()
    pack: str = ""
    path: str = ""
    line: int = 1
    text_line: int = 1
    """The line of the file where `text` begins, and the number of characters that its lines are indented by."""
    text_indent: int = 0

    @property
    def group(self) -> str:
        """What stands before the last dot of the id."""
        return self.id.rpartition(".")[0]

    @property
    def name(self) -> str:
        """What stands after the last dot of the id."""
        return self.id.rpartition(".")[2]

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters that need a value, in order."""
        return tuple(parameter for parameter in self.parameters if parameter.required)

    @property
    def types(self) -> dict[str, str]:
        """The KQL type of each parameter by name, as the binder takes them."""
        return {parameter.name: parameter.kql_type for parameter in self.parameters}

    @property
    def entities(self) -> tuple[str, ...]:
        """The names of the entities that parameters take values from."""
        return tuple(dict.fromkeys(item.entity.entity for item in self.parameters if item.entity))

    @property
    def signature(self) -> str:
        """How it is called: `windows.logons(host: string, account: string = "")`."""
        shown = [
            f"{item.name}: {item.type}" if item.required else f"{item.name}: {item.type} = {item.default!r}"
            for item in sorted(self.parameters, key=lambda item: not item.required)
        ]
        return f"{self.id}({', '.join(shown)})"

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


@dataclass(frozen=True, slots=True)
class Pivot:
    """A query or function that hangs on an entity and takes one of its attributes."""

    entity: str
    attribute: str
    name: str
    """As it is called on the entity: `windows.logons`, `ioc.extract`."""
    kind: str
    """`query` or `function`."""
    target: str
    """A query's id, or `module:function`."""
    parameter: str
    """The parameter that takes the attribute's value; for a function its first one where empty."""
    shape: str = "list"
    """What a function takes: `value` (called for each distinct value), `list` or `frame`."""
    summary: str = ""
    environments: tuple[str, ...] = ()
    path: str = ""
    line: int = 1
    columns: tuple[str, ...] = ()
    """Columns of the result that hold the attribute: of a query without a parameter for it the rows are kept whose
    columns hold a value; a query that takes a list is asked about many values at once."""
    then: str = ""
    """`module:function` that makes what the pivot gives of the answer of a query."""
    fixed: tuple[tuple[str, object], ...] = ()
    """Parameters of the query that the pivot sets itself."""


@dataclass(frozen=True, slots=True)
class Pack:
    """The queries of one file."""

    name: str
    description: str = ""
    environments: tuple[str, ...] = ()
    queries: tuple[Query, ...] = ()
    path: str = ""
    errors: tuple[PackError, ...] = ()
    """All that is wrong with the file; what is right is in `queries`."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A query with its values, ready to be sent."""

    text: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    """The typed values; for declared query parameters, what is sent beside the text."""
    types: Mapping[str, str] = field(default_factory=dict)
