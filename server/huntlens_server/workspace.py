"""All uses of queries, parameters and pivots in the workspace: open texts as they are, the rest from disk.

Files are read as data, within limits; what a file uses is kept until it changes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote

from huntlens.assist import uses
from huntlens.assist.context import is_entity
from huntlens.assist.meaning import code_of
from huntlens.assist.notebook_file import code_cells
from huntlens.assist.packs import PackText, is_pack
from huntlens_server.documents.pack import PackDocument
from huntlens_server.documents.python import PythonDocument
from huntlens_server.documents.tasks import FILE, TasksDocument
from huntlens_server.texts import OpenText

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from huntlens.assist.context import Context
    from huntlens.assist.uses import Use
    from huntlens_server.knowledge import Knowledge
    from huntlens_server.texts import Texts

    Found = tuple[OpenText, list[Use]]
    Pieces = Callable[[Iterable[Found]], AsyncIterator[Found]]
    """What gives work in pieces, so that others are served in between."""

_SUFFIXES: Final = (".py", ".yaml", ".yml", ".ipynb")
_SKIPPED: Final = frozenset({"node_modules", "__pycache__", "site-packages", "dist", "build"})
_MAX_FILES: Final = 5_000
_MAX_BYTES: Final = 2_000_000


class Place(NamedTuple):
    """A use in a text."""

    text: OpenText
    use: Use


@dataclass
class Workspace:
    """The uses in the files of the workspace."""

    knowledge: Knowledge
    texts: Texts
    _kept: dict[str, tuple[tuple[object, ...], OpenText, list[Use]]] = field(default_factory=dict)

    def use_at(self, uri: str, offset: int) -> Use | None:
        """What is named at a place of an open text."""
        text = self.texts.get(uri)
        if text is None:
            return None
        return next((one for one in self._of_open(text) if one.start <= offset <= one.end), None)

    async def places(self, use: Use, pieces: Pieces) -> list[Place]:
        """Every use of the same thing."""
        return [
            Place(text, one)
            async for text, found in pieces(self.files())
            for one in found
            if (one.kind, one.id) == (use.kind, use.id)
        ]

    async def is_defined(self, use: Use, pieces: Pieces) -> bool:
        """Whether the thing is defined in the workspace, so that it can have another name."""
        async for _, found in pieces(self.files()):
            if any((one.kind, one.id, one.defines) == (use.kind, use.id, True) for one in found):
                return True
        return False

    async def count(self, ids: Sequence[str], pieces: Pieces) -> dict[str, int]:
        """How often queries are used, their definitions aside."""
        counts = dict.fromkeys(ids, 0)
        async for _, found in pieces(self.files()):
            for use in found:
                if use.kind == "query" and not use.defines and use.id in counts:
                    counts[use.id] += 1
        return counts

    def files(self) -> Iterator[Found]:
        """The texts of the workspace with what they use: first those that are open."""
        seen = set()
        for text in list(self.texts.texts.values()):
            seen.add(text.path)
            if text.notebook in self.texts.notebooks:
                seen.add(self.texts.notebooks[text.notebook].path)
            yield text, self._of_open(text)
        packs = [Path(pack.path) for pack in self.knowledge.catalog.packs if self._is_ours(pack.path)]
        for path in dict.fromkeys((*self._files(), *packs)):
            if str(path) not in seen:
                found = self._of_file(path)
                if found is not None:
                    yield found

    def _is_ours(self, path: str) -> bool:
        return any(Path(path).is_relative_to(folder) for folder in self.knowledge.folders)

    def _of_open(self, text: OpenText) -> list[Use]:
        document = self.knowledge.document(text, self.texts)
        if isinstance(document, PythonDocument):
            return list(uses.in_code(document.code, document.cell, document.context))
        if isinstance(document, PackDocument):
            return list(uses.in_pack(document.pack))
        if isinstance(document, TasksDocument):
            return list(uses.in_tasks(text.text, document.context))
        return []

    def _of_file(self, path: Path) -> tuple[OpenText, list[Use]] | None:
        context = self.knowledge.context(str(path))
        try:
            state = path.stat()
            key = (state.st_mtime_ns, state.st_size, id(context.catalog))
            kept = self._kept.get(str(path))
            if kept is not None and kept[0] == key:
                return kept[1], kept[2]
            if not S_ISREG(state.st_mode) or state.st_size > _MAX_BYTES or not self.knowledge.reach.may_read(path):
                return None
            content = path.read_text("utf-8", errors="replace")
        except OSError:
            return None
        text = OpenText(path.as_uri(), "", 0, content)
        found = _uses(path, content, context)
        self._kept[str(path)] = (key, text, found)
        return text, found

    def _files(self) -> Iterator[Path]:
        count = 0
        for folder in self.knowledge.folders:
            yield from (path for path in [folder / FILE] if path.is_file())
            for root, folders, names in os.walk(folder):
                folders[:] = [name for name in folders if name[0] != "." and name not in _SKIPPED]
                for name in names:
                    if name.endswith(_SUFFIXES):
                        count += 1
                        if count > _MAX_FILES:
                            return
                        yield Path(root, name)


def key_of(uri: str) -> str:
    """An address as texts are kept under."""
    return unquote(uri)


def _uses(path: Path, content: str, context: Context) -> list[Use]:
    if path.name == Path(FILE).name:
        return list(uses.in_tasks(content, context))
    if path.suffix in {".py", ".ipynb"}:
        if "huntlens" not in content and "%" not in content and not any(g in content for g in context.catalog.groups()):
            return []
        return list(_in_notebook(content, context) if path.suffix == ".ipynb" else _in_module(content, context))
    return list(uses.in_pack(PackText(content, str(path)))) if is_pack(content) else []


def _in_module(content: str, context: Context) -> Iterator[Use]:
    yield from uses.in_code(code_of([content], is_entity, context.session), 0, context)


def _in_notebook(content: str, context: Context) -> Iterator[Use]:
    """The uses in a notebook that is not open, at their places in its JSON."""
    cells = code_cells(content)
    code = code_of([cell.text for cell in cells], is_entity, context.session)
    for number, cell in enumerate(cells):
        for use in uses.in_code(code, number, context):
            yield use._replace(start=cell.outer(use.start), end=cell.outer(use.end - 1) + 1)
