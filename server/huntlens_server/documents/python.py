"""A Python file: query calls, pivots and magic lines in it, and the KQL in its strings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from huntlens.assist import cells, kql_text
from huntlens.assist.bound_names import Where
from huntlens.assist.context import is_entity
from huntlens.assist.meaning import Code, code_of
from huntlens_server.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huntlens.assist.context import Context
    from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
    from huntlens.kql.edit.values import Completion, Hover, InlayHint, Location, SemanticToken, SignatureHelp
    from huntlens.text import Span
    from huntlens_server.texts import OpenText

    MayRead = Callable[[Path], bool]

__all__ = ["PythonDocument"]

_MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class PythonDocument(Document):
    """A cell of Python code, by its number among the cells of `code`; a file is the only cell of its code."""

    code: Code
    cell: int = 0

    @classmethod
    def of(cls, text: OpenText, context: Context, folders: Sequence[Path], may_read: MayRead) -> PythonDocument:
        """A file; modules that it imports from beside itself or from the workspace are read, not run."""
        places = [Path(text.path).parent, *folders] if text.path else list(folders)
        code = code_of([text.text], is_entity, context.session, modules_beside(places, context, may_read))
        return cls(text, context, code)

    def complete(self, offset: int, /) -> list[Completion]:
        return cells.complete(self.code, self._at(offset), self.context)

    def hover(self, offset: int, /) -> Hover | None:
        return cells.hover(self.code, self._at(offset), self.context)

    def signature(self, offset: int, /) -> SignatureHelp | None:
        return cells.signature(self.code, self._at(offset), self.context)

    def check(self) -> list[Diagnostic]:
        return cells.check(self.code, self.cell, self.context)

    def definition(self, offset: int, /) -> list[Location]:
        return cells.definition(self.code, self._at(offset), self.context)

    def references(self, offset: int, /) -> list[Location]:
        return cells.references(self.code, self._at(offset), self.context)

    def rename(self, offset: int, new_name: str, /) -> list[Edit]:
        return cells.rename(self.code, self._at(offset), new_name, self.context)

    def tokens(self) -> list[SemanticToken]:
        return cells.tokens(self.code, self.cell, self.context)

    def folds(self) -> list[Span]:
        return cells.folds(self.code, self.cell, self.context)

    def hints(self) -> list[InlayHint]:
        return cells.hints(self.code, self.cell, self.context)

    def format_range(self, start: int, end: int, /) -> list[Edit]:
        found = cells.kql_regions(self.code, self.cell, self.context)
        return [edit for embedded in found for edit in kql_text.format_range(embedded, start, end)]

    def format_typed(self, offset: int, /) -> list[Edit]:
        embedded = cells.kql_at(self.code, self._at(offset), self.context)
        return kql_text.format_typed(embedded, offset) if embedded is not None else []

    def actions(self, start: int, end: int, /) -> Sequence[Fix]:
        return cells.actions(self.code, self._at(start), end, self.context)

    def selection(self, offset: int, /) -> list[Span]:
        embedded = cells.kql_at(self.code, self._at(offset), self.context)
        return kql_text.selection(embedded, offset) if embedded is not None else []

    def queries(self) -> list[Span]:
        return [embedded.span for embedded in cells.kql_regions(self.code, self.cell, self.context)]

    def _at(self, offset: int, /) -> Where:
        return Where(self.cell, offset)


def modules_beside(
    places: Sequence[Path], context: Context, may_read: MayRead, depth: int = 2
) -> Callable[[str], Code | None]:
    """Finds a module of the workspace by name and reads it; modules that it imports in turn are read to a depth.

    The same module is given each time, also to the next state of a text, until its file changes.
    """
    found: dict[str, Code | None] = {}

    def find(name: str) -> Code | None:
        if name not in found:
            found[name] = _module(name, places, context, may_read, depth)
        return found[name]

    return find


def _module(name: str, places: Sequence[Path], context: Context, may_read: MayRead, depth: int) -> Code | None:
    parts = [part for part in name.lstrip(".").split(".") if part.isidentifier()]
    if not parts or not depth:
        return None
    for place in places:
        for path in (place.joinpath(*parts).with_suffix(".py"), place.joinpath(*parts, "__init__.py")):
            try:
                state = path.stat()
                key = (str(path), state.st_mtime_ns, state.st_size, depth)
                if not S_ISREG(state.st_mode) or state.st_size > _MAX_BYTES or not may_read(path):
                    continue
                if key not in context.memo:
                    text = path.read_text("utf-8", errors="replace")
                    inner = modules_beside([path.parent, *places], context, may_read, depth - 1)
                    context.memo[key] = code_of([text], is_entity, context.session, inner)
            except OSError:
                continue
            code: Code = context.memo[key]
            return code
    return None
