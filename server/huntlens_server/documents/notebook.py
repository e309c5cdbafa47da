"""A cell of a notebook: Python or a magic, that knows the names of the other cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from huntlens.assist import cells
from huntlens.assist.context import is_entity
from huntlens.assist.meaning import Code, code_of
from huntlens_server.documents.python import PythonDocument, modules_beside

if TYPE_CHECKING:
    from huntlens.assist.context import Context
    from huntlens.kql.diagnostics import Diagnostic
    from huntlens_server.documents.python import MayRead
    from huntlens_server.texts import OpenText

__all__ = ["Notebook"]


@dataclass
class Notebook:
    """A notebook's cells, read as one program in order; what an edit leaves as it was is taken over."""

    texts: tuple[OpenText, ...] = ()
    context: Context | None = None
    code: Code | None = None
    _numbers: dict[str, int] = field(default_factory=dict)

    def cell(
        self, text: OpenText, texts: tuple[OpenText, ...], path: str, context: Context, may_read: MayRead
    ) -> NotebookCell:
        """The cell of that text, among the texts of all cells in order."""
        if self.code is None or self.context is not context or self.texts is not texts:
            places = [Path(path).parent] if path else []
            sources = [one.text if one.language == "python" else "" for one in texts]
            before = self.code if self.context is context else None
            self.code = code_of(sources, is_entity, context.session, modules_beside(places, context, may_read), before)
            self._numbers = {one.uri: number for number, one in enumerate(texts)}
            self.texts, self.context = texts, context
        return NotebookCell(text, context, self.code, self._numbers[text.uri])


@dataclass(frozen=True)
class NotebookCell(PythonDocument):
    """One cell among the cells of its notebook."""

    def check(self) -> list[Diagnostic]:
        return self.code.kept("findings", self.cell, lambda code: cells.check(code, self.cell, self.context))
