r"""The texts that the editor has open, kept as the editor keeps them.

Lines end at ``\\n``, ``\\r\\n`` and ``\\r`` only, columns count in the encoding that was agreed on, and addresses are
compared unquoted, since clients do not agree on what to percent-encode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.uris import to_fs_path

from huntlens.text import Encoding, LineIndex, Position, Span

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class OpenText:
    """One version of an open text."""

    uri: str
    language: str
    version: int
    text: str
    notebook: str = ""
    """The key of the notebook that the text is a cell of; empty for a file."""

    @cached_property
    def index(self) -> LineIndex:
        """The lines of this version."""
        return LineIndex(self.text)

    @cached_property
    def path(self) -> str:
        """The file's path; empty for a text that is no file."""
        return (to_fs_path(self.uri) or "") if self.uri.startswith("file:") else ""

    def changed(
        self, changes: Iterable[lsp.TextDocumentContentChangeEvent], version: int, encoding: Encoding
    ) -> OpenText:
        """The next version, after edits that each see what the one before has left."""
        text, index = self.text, self.index
        for change in changes:
            if isinstance(change, lsp.TextDocumentContentChangePartial):
                start, end = offsets(index, change.range, encoding)
                text = text[:start] + change.text + text[end:]
            else:
                text = change.text
            index = LineIndex(text)
        return OpenText(self.uri, self.language, version, text, self.notebook)


@dataclass(frozen=True)
class OpenNotebook:
    """A notebook: its kind and the keys of its code cells in order."""

    uri: str
    kind: str
    cells: tuple[str, ...]

    @cached_property
    def path(self) -> str:
        """The file's path; empty for a notebook that is not saved."""
        return (to_fs_path(self.uri) or "") if self.uri.startswith("file:") else ""


@dataclass
class Texts:
    """All that is open; keys are unquoted addresses."""

    encoding: Encoding = "utf-16"
    texts: dict[str, OpenText] = field(default_factory=dict)
    notebooks: dict[str, OpenNotebook] = field(default_factory=dict)
    _cells: dict[str, tuple[OpenText, ...]] = field(default_factory=dict)

    def get(self, uri: str) -> OpenText | None:
        """The open text at an address."""
        return self.texts.get(unquote(uri))

    def open(self, item: lsp.TextDocumentItem, notebook: str = "") -> str:
        """Take over a text; gives its key."""
        key = unquote(item.uri)
        self.texts[key] = OpenText(item.uri, item.language_id, item.version, item.text, notebook)
        return key

    def change(
        self, document: lsp.VersionedTextDocumentIdentifier, changes: Iterable[lsp.TextDocumentContentChangeEvent]
    ) -> str:
        """Apply edits to a text; gives its key."""
        key = unquote(document.uri)
        old = self.texts.get(key)
        if old is not None:
            self._cells.pop(old.notebook, None)
            self.texts[key] = old.changed(changes, document.version, self.encoding)
        return key

    def close(self, uri: str) -> str:
        """Forget a text; gives its key."""
        key = unquote(uri)
        self.texts.pop(key, None)
        return key

    def open_notebook(self, params: lsp.DidOpenNotebookDocumentParams) -> str:
        """Take over a notebook and its cells; gives its key."""
        notebook = params.notebook_document
        key = unquote(notebook.uri)
        for item in params.cell_text_documents:
            self.open(item, key)
        self.notebooks[key] = OpenNotebook(notebook.uri, notebook.notebook_type, _code_cells(notebook.cells))
        self._cells.pop(key, None)
        return key

    def change_notebook(self, params: lsp.DidChangeNotebookDocumentParams) -> str:
        """Apply changes of structure and of text to a notebook; gives its key."""
        key = unquote(params.notebook_document.uri)
        self._cells.pop(key, None)
        change = params.change.cells
        if change is None or key not in self.notebooks:
            return key
        if change.structure is not None:
            self._restructure(key, change.structure)
        for edited in change.text_content or ():
            self.change(edited.document, edited.changes)
        return key

    def close_notebook(self, params: lsp.DidCloseNotebookDocumentParams) -> str:
        """Forget a notebook and its cells; gives its key."""
        for cell in params.cell_text_documents:
            self.close(cell.uri)
        key = unquote(params.notebook_document.uri)
        self.notebooks.pop(key, None)
        self._cells.pop(key, None)
        return key

    def cells(self, key: str) -> tuple[OpenText, ...]:
        """The texts of a notebook's cells, in order; the same tuple until one of them changes.

        Cells whose text was not sent (Markdown) are left out.
        """
        notebook = self.notebooks.get(key)
        if notebook is None:
            return ()
        if key not in self._cells:
            self._cells[key] = tuple(self.texts[cell] for cell in notebook.cells if cell in self.texts)
        return self._cells[key]

    def _restructure(self, key: str, structure: lsp.NotebookDocumentCellChangeStructure) -> None:
        notebook = self.notebooks[key]
        array = structure.array
        cells = list(notebook.cells)
        cells[array.start : array.start + array.delete_count] = _code_cells(array.cells or ())
        self.notebooks[key] = OpenNotebook(notebook.uri, notebook.kind, tuple(cells))
        for item in structure.did_open or ():
            self.open(item, key)
        for closed in structure.did_close or ():
            self.close(closed.uri)


def offsets(index: LineIndex, given: lsp.Range, encoding: Encoding) -> Span:
    """The span of a range that the editor has sent."""
    start = index.offset(Position(given.start.line, given.start.character), encoding)
    end = index.offset(Position(given.end.line, given.end.character), encoding)
    return Span(start, max(start, end))


def _code_cells(cells: Iterable[lsp.NotebookCell]) -> tuple[str, ...]:
    return tuple(unquote(cell.document) for cell in cells)
