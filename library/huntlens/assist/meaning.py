"""What an expression of analysis code stands for: a provider, a group of queries, an entity, a table of results.

A small evaluation over meanings instead of values: names are followed to what they are bound to, through cells in
order, function returns, annotations and imports. What is not about hunting means nothing (`None`).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from huntlens.assist.bound_names import Names, Where
from huntlens.assist.kept import Keeper
from huntlens.assist.python_code import RESULT, Cell, expression, read_cell
from huntlens.assist.python_scope import Annotated, Given, Imported, Returned, dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from huntlens.assist.bound_names import Bound
    from huntlens.assist.kept import Noted, T
    from huntlens.assist.session import Session

PACKAGE: Final = "huntlens"


@dataclass(frozen=True, slots=True)
class Library:
    """The package, one of its modules, or one of its functions, by dotted name."""

    path: str


@dataclass(frozen=True, slots=True)
class ProviderClass:
    """`QueryProvider`."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A query provider; `environment` is empty where it is not known."""

    environment: str = ""


@dataclass(frozen=True, slots=True)
class ProviderMethod:
    """A method of a provider: `exec_query`, `list_queries`, ..."""

    name: str
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Queries:
    """A query or a group of queries of a provider, by path."""

    path: tuple[str, ...]
    environment: str = ""

    @property
    def id(self) -> str:
        """The dotted name."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class EntityClass:
    """An entity's class."""

    name: str


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity: an instance of its class."""

    name: str


@dataclass(frozen=True, slots=True)
class Pivots:
    """A pivot or a group of pivots of an entity, by path; `bound` where an instance holds it."""

    entity: str
    path: tuple[str, ...]
    bound: bool

    @property
    def id(self) -> str:
        """The dotted name without the entity."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Table:
    """A data frame or a query's result; `name` is the variable where one is known, `query` what made it."""

    kind: str
    name: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Accessor:
    """`frame.hunt`, or one of its members."""

    member: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is written in the code."""

    node: ast.expr
    cell: int
    offset: int


Meaning = (
    Library
    | ProviderClass
    | Provider
    | ProviderMethod
    | Queries
    | EntityClass
    | Entity
    | Pivots
    | Table
    | Accessor
    | Text
)

PROVIDER_METHODS: Final[Mapping[str, str]] = {
    "exec_query": "(text, *, timespan=None, limit=None, timeout_s=None, add_query_items='', **parameters) -> Result",
    "run": "(query, values=None, *, timespan=None) -> Result",
    "list_queries": "(group='') -> list of names",
    "search": "(words, limit=50) -> list of hits",
    "browse": "() -> QueryBrowser",
    "add_data": "(data, name='') -> list of tables",
    "connect": "(name='', *, settings=None) -> QueryProvider",
    "close": "()",
    "schema": "Schema",
    "tables": "list of tables",
    "entities": "entities whose pivots this provider answers",
    "queries": "groups of queries",
}
_FRAME_SOURCES: Final = frozenset({"pandas", "polars", "pyarrow"})
_FRAME_MAKERS: Final = frozenset(
    "DataFrame read_csv read_json read_parquet read_excel read_table read_pickle json_normalize concat merge".split()
)
_PLAIN: Final = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
"""Expressions that mean nothing here, by their kind alone."""
_KEEPS_FRAME: Final = frozenset(
    "head tail sample query sort_values drop_duplicates dropna fillna assign rename reset_index set_index copy merge "
    "join explode astype drop filter nlargest nsmallest loc iloc".split()
)


@dataclass(frozen=True, eq=False)
class Code:
    """Cells in order, read as one program.

    `is_entity` tells which names are entities; `session` is what a running kernel has published; `module` gives the
    code of another module of the workspace, where there is one.
    """

    cells: tuple[Cell, ...]
    is_entity: Callable[[str], bool]
    session: Session
    module: Callable[[str], Code | None] = field(default=lambda _name: None)

    names_of: Names = field(default_factory=lambda: Names({}))
    keeper: Keeper = field(default_factory=Keeper)
    noted: Noted | None = None
    """Takes down what is looked up, where an answer is made that is to be kept."""

    def noting(self, noted: Noted) -> Code:
        """The same code, of which it is noted what is looked up."""
        return replace(self, noted=noted)

    def kept(self, what: str, cell: int, work: Callable[[Code], T]) -> T:
        """An answer about a cell: the one from before as long as all that it was made from is the same."""
        return self.keeper.get(self, what, cell, work)

    def note(self, key: object, ask: Callable[[Code], object], said: object) -> None:
        """Take down what was asked beside the look-up of a name."""
        if self.noted is not None:
            self.noted.also[key] = ask, said

    def names(self, at: Where) -> Collection[str]:
        """Every plain name that can be seen from a place and that may stand for something."""
        return [
            name
            for name in self.names_of
            if "." not in name and (found := self.names_of.find(name, at)) and not isinstance(found.bind.value, _PLAIN)
        ]

    def lookup(self, name: str, at: Where) -> Bound | None:
        """What a name is bound to at a place: the last binding before it, else the first behind it."""
        found = self.names_of.find(name, at)
        if self.noted is not None:
            self.noted.looked_up(name, at, found, self)
        return found

    def text_meaning(self, text: str, at: Where) -> Meaning | None:
        """What the expression in a text stands for at a place."""
        node = expression(text)
        return self.meaning(node, at) if node is not None else None

    def meaning(self, node: ast.expr, at: Where, depth: int = 0) -> Meaning | None:
        """What an expression stands for."""
        if depth > 40:
            return None
        match node:
            case ast.Name(id=name):
                return self.name_meaning(name, at, depth)
            case ast.Attribute(value=value, attr=attr):
                whole = dotted(node)
                if whole and self.lookup(whole, at):
                    return self.name_meaning(whole, at, depth)
                owner = self.meaning(value, at, depth + 1)
                return self.member(owner, attr) if owner is not None else None
            case ast.Call(func=func):
                return self._call(node, self.meaning(func, at, depth + 1), at, depth)
            case ast.Await(value=value) | ast.NamedExpr(value=value) | ast.Starred(value=value):
                return self.meaning(value, at, depth + 1)
            case ast.IfExp(body=body, orelse=orelse):
                return self.meaning(body, at, depth + 1) or self.meaning(orelse, at, depth + 1)
            case ast.BoolOp(values=values):
                found = [self.meaning(value, at, depth + 1) for value in values]
                return next((one for one in found if one is not None), None)
            case ast.Subscript(value=value):
                owner = self.meaning(value, at, depth + 1)
                return owner if isinstance(owner, Table) and owner.kind == "frame" else None
            case ast.Constant(value=str()) | ast.JoinedStr():
                return Text(node, at.cell, at.offset)
            case _:
                return None

    def name_meaning(self, name: str, at: Where, depth: int = 0) -> Meaning | None:
        """What a name stands for: in the code, else in the running kernel."""
        if name == RESULT:
            return Table("result")
        found = self.lookup(name, at)
        if found is None:
            return self._star(name) or self._published(name)
        where, bind = found
        value = bind.value
        if isinstance(value, Given):
            return Table("result", name)
        if isinstance(value, Imported):
            return self._imported(value) or self._published(name)
        if isinstance(value, Annotated):
            return self._instance(value.annotation, where, depth)
        if isinstance(value, Returned):
            return None
        # The name itself is bound only once the statement is done: `df = df.head()` means the `df` before.
        meaning = self.meaning(value, Where(where.cell, where.offset - 1), depth + 1)
        if isinstance(meaning, Table) and not meaning.name:
            return Table(meaning.kind, name, meaning.query)
        return meaning or self._published(name)

    def member(self, owner: Meaning, name: str) -> Meaning | None:
        """What `owner.name` stands for."""
        match owner:
            case Library(path=path):
                return self._library(path, name)
            case Provider(environment=environment):
                if name == "queries":
                    return Queries((), environment)
                if name in PROVIDER_METHODS:
                    return ProviderMethod(name, environment)
                return Queries((name,), environment)
            case Queries(path=path, environment=environment):
                return Queries((*path, name), environment)
            case ProviderClass() if name == "connect":
                return ProviderMethod(name)
            case EntityClass(name=entity):
                return Pivots(entity, (name,), bound=False)
            case Entity(name=entity):
                return Pivots(entity, (name,), bound=True)
            case Pivots(entity=entity, path=path, bound=bound):
                return Pivots(entity, (*path, name), bound)
            case Table(kind="result") if name in {"df", "arrow"}:
                return Table("frame", owner.name if name == "df" else "", owner.query)
            case Table(kind="frame") if name == "hunt":
                return Accessor()
            case Table(kind="frame") if name in _KEEPS_FRAME:
                return owner
            case Accessor(member=""):
                return Accessor(name)
            case _:
                return None

    def _call(self, node: ast.Call, callee: Meaning | None, at: Where, depth: int) -> Meaning | None:
        match callee:
            case ProviderClass():
                return Provider(_text_argument(node, "environment"))
            case EntityClass(name=name):
                return Entity(name)
            case Queries() as queries if queries.path:
                return Table("result", query=queries.id)
            case ProviderMethod(name="exec_query" | "run") | Library(path="huntlens.query"):
                return Table("result")
            case ProviderMethod(name="connect"):
                return Provider()
            case Pivots() | Accessor(member="pivot") | Library(path="pandas.maker"):
                return Table("frame")
            case Table(kind="frame"):
                return callee
            case None if isinstance(node.func, ast.Name):
                return self._returned(node.func.id, at, depth)
            case _:
                return None

    def _returned(self, name: str, at: Where, depth: int) -> Meaning | None:
        found = self.lookup(name, at)
        if found is None or not isinstance(found[1].value, Returned):
            return None
        return self.meaning(found[1].value.value, Where(found[0].cell, found[1].value.offset), depth + 1)

    def _instance(self, annotation: ast.expr, at: Where, depth: int) -> Meaning | None:
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            quoted = expression(annotation.value)
            return self._instance(quoted, at, depth + 1) if quoted is not None and depth < 9 else None
        if isinstance(annotation, ast.BinOp):
            return self._instance(annotation.left, at, depth + 1) or self._instance(annotation.right, at, depth + 1)
        match self.meaning(annotation, at, depth + 1):
            case ProviderClass():
                return Provider()
            case EntityClass(name=name):
                return Entity(name)
            case Library(path="pandas.maker") | Library(path="huntlens.Result"):
                return Table("frame" if dotted(annotation).endswith("DataFrame") else "result")
            case _:
                return None

    def _imported(self, value: Imported) -> Meaning | None:
        root = value.module.partition(".")[0]
        if root == PACKAGE or root in _FRAME_SOURCES:
            path = value.module if root == PACKAGE else root
            return self._library(path, value.member) if value.member else Library(path)
        if value.member:
            other = self.module(value.module)
            self.note(("module", value.module), lambda code: code.module(value.module), other)
            if other is not None:
                return other.name_meaning(value.member, other.end)
        return None

    @property
    def end(self) -> Where:
        """The place behind everything."""
        return Where(len(self.cells), 0)

    def _library(self, path: str, name: str) -> Meaning | None:
        if path in _FRAME_SOURCES:
            return Library("pandas.maker") if name in _FRAME_MAKERS else None
        if name == "QueryProvider":
            return ProviderClass()
        if self.is_entity(name):
            return EntityClass(name)
        return Library(f"{path}.{name}" if path != "huntlens.providers" else f"huntlens.{name}")

    def _star(self, name: str) -> Meaning | None:
        stars = self.names_of.all_of("*")
        self.note("*", lambda code: code.names_of.all_of("*"), stars)
        for _, bind in stars:
            value = bind.value
            if isinstance(value, Imported) and value.module.partition(".")[0] == PACKAGE:
                meaning = self._library(value.module, name)
                if isinstance(meaning, ProviderClass | EntityClass):
                    return meaning
        return None

    def _published(self, name: str) -> Meaning | None:
        for connection in self.session.connections.values():
            if connection.variable == name:
                return Provider(connection.environment)
        return Table("frame", name) if name in self.session.frames else None


def code_of(
    texts: Collection[str],
    is_entity: Callable[[str], bool],
    session: Session,
    module: Callable[[str], Code | None] = lambda _name: None,
    before: Code | None = None,
) -> Code:
    """The cells of a notebook, or the one text of a file, as code.

    `before` is the code before an edit, with the same session: what has not changed is taken over from it.
    """
    cells = tuple(map(read_cell, texts))
    if before is None:
        return Code(cells, is_entity, session, module, Names.of(cells))
    return Code(cells, is_entity, session, module, before.names_of.changed(before.cells, cells), before.keeper)


def _text_argument(node: ast.Call, keyword: str) -> str:
    values = [*node.args[:1], *(one.value for one in node.keywords if one.arg == keyword)]
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return ""
