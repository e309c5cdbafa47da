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
    from huntlens_server.texts import OpenText

__all__ = ["Notebook"]


@dataclass
class Notebook:
    """A notebook's cells, read as one program in order; kept from one state to the next."""

    texts: tuple[OpenText, ...] = ()
    context: Context | None = None
    code: Code | None = None
    surroundings: int = 0
    checked: dict[tuple[str, int], list[Diagnostic]] = field(default_factory=dict)
    """Findings by the text of a cell and what it can see of the others."""

    def cell(self, text: OpenText, texts: tuple[OpenText, ...], path: str, context: Context) -> NotebookCell:
        """The cell of that text, among the texts of all cells in order."""
        if self.code is None or self.context is not context or self.texts is not texts:
            places = [Path(path).parent] if path else []
            sources = [one.text if one.language == "python" else "" for one in texts]
            self.code = code_of(sources, is_entity, context.session, modules_beside(places, context))
            self.surroundings = hash((id(context), *(cell.outside for cell in self.code.cells)))
            self.texts, self.context = texts, context
        return NotebookCell(text, context, self.code, _index(texts, text), self)


@dataclass(frozen=True)
class NotebookCell(PythonDocument):
    """One cell among the cells of its notebook."""

    notebook: Notebook = field(default_factory=Notebook)

    def check(self) -> list[Diagnostic]:
        key = (self.open.text, self.notebook.surroundings)
        known = self.notebook.checked
        if key not in known:
            if len(known) > 2000:
                known.clear()
            known[key] = cells.check(self.code, self.cell, self.context)
        return known[key]


def _index(texts: tuple[OpenText, ...], text: OpenText) -> int:
    return next(number for number, one in enumerate(texts) if one is text)
