"""A cell of a notebook: Python or a magic, that knows the names of the other cells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from huntlens.assist.context import is_entity
from huntlens.assist.meaning import code_of
from huntlens_server.documents.python import PythonDocument, modules_beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.assist.context import Context
    from huntlens_server.texts import OpenText

__all__ = ["NotebookCell"]


class NotebookCell(PythonDocument):
    """One cell among the cells of its notebook, read as one program in order."""

    @classmethod
    def of_cells(cls, text: OpenText, others: Sequence[OpenText], path: str, context: Context) -> NotebookCell:
        """A cell, with all cells of its notebook in order, itself included."""
        texts = [other.text if other.language == "python" or other is text else "" for other in others]
        places = [Path(path).parent] if path else []
        code = code_of(texts, is_entity, context.session, modules_beside(places, context))
        return cls(text, context, code, others.index(text))
