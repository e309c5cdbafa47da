"""What the server knows beside the open texts: packs, settings, folders of the workspace, running kernels.

Workspace files are read as data. Nothing of the workspace is imported or executed, and nothing is fetched.
"""

from __future__ import annotations

import gc
import json
import logging
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from pygls.uris import to_fs_path

from huntlens.assist import session as sessions
from huntlens.assist.context import Context, entity_facts
from huntlens.assist.packs import is_pack
from huntlens.catalog.collection import Catalog
from huntlens.catalog.discover import catalog
from huntlens.kql.schema import Schema, shipped
from huntlens_server.documents import tasks
from huntlens_server.documents.kql import KqlDocument
from huntlens_server.documents.notebook import Notebook
from huntlens_server.documents.pack import PackDocument
from huntlens_server.documents.python import PythonDocument
from huntlens_server.settings import Reach, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huntlens_server.document import Document
    from huntlens_server.texts import OpenText, Texts

_LOG = logging.getLogger(__name__)
KQL_LANGUAGES: Final = frozenset({"kusto", "kql"})
KQL_SUFFIXES: Final = (".kql", ".csl", ".kusto")


@dataclass
class Knowledge:
    """Facts that change seldom, read on a thread of their own."""

    folders: tuple[Path, ...] = ()
    settings: Settings = field(default_factory=Settings)
    catalog: Catalog = field(default_factory=Catalog)
    tables: Schema = field(default_factory=shipped)
    ready: threading.Event = field(default_factory=threading.Event)
    reading: bool = False
    """Whether packs are being read."""
    reach: Reach = field(default_factory=lambda: Reach(()))
    generation: int = 0
    """Counts what changes beside the texts."""
    on_change: Callable[[], None] = lambda: None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wanted: threading.Event = field(default_factory=threading.Event)
    _sessions: dict[str, sessions.Session] = field(default_factory=dict)
    _documents: dict[str, tuple[tuple[object, ...], Document | None]] = field(default_factory=dict)
    _notebooks: dict[str, Notebook] = field(default_factory=dict)
    _contexts: dict[tuple[int, int, int], Context] = field(default_factory=dict)
    _session_of: dict[str, sessions.Session] = field(default_factory=dict)

    def start(self, folders: Sequence[str], options: object) -> None:
        """Take over folders (addresses) and settings, and begin to read packs."""
        self.folders = tuple(Path(path) for uri in folders if (path := to_fs_path(uri)))
        self.settings = self.settings.changed(options)
        self.reload()

    def configure(self, options: object) -> bool:
        """Take over other settings; says whether they differ from before."""
        before, self.settings = self.settings, self.settings.changed(options)
        if before == self.settings:
            return False
        self.generation += 1
        self._contexts.clear()
        if before.paths != self.settings.paths:
            self.reload()
        return True

    def reload(self) -> None:
        """Read the packs anew, without keeping anybody waiting."""
        self.reach = replace(self.reach, folders=self.folders, follows_links=self.settings.trusted is not False)
        self._wanted.set()
        with self._lock:
            idle, self.reading = not self.reading, True
        if idle:
            threading.Thread(target=self._load, name="huntlens-packs", daemon=True).start()

    def add_folders(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """Other folders are part of the workspace now."""
        gone = {to_fs_path(uri) for uri in removed}
        kept = [folder for folder in self.folders if str(folder) not in gone]
        self.folders = (*kept, *(Path(path) for uri in added if (path := to_fs_path(uri))))
        self.reload()

    def look_at_kernels(self) -> bool:
        """Read what kernels have published; says whether it differs from before."""
        found = {session.notebook or session.cwd: session for session in sessions.sessions()}
        for place, session in found.items():
            before = self._sessions.get(place)
            if before is not None and replace(session, written=before.written) == before:
                found[place] = before
        if found == self._sessions:
            return False
        self._sessions = found
        self._session_of.clear()
        self.generation += 1
        return True

    @property
    def published(self) -> tuple[sessions.Session, ...]:
        """What running kernels have published."""
        return tuple(self._sessions.values())

    def context(self, path: str) -> Context:
        """The surroundings of a file or notebook."""
        if path not in self._session_of:
            self._session_of[path] = self._session(path)
        session = self._session_of[path]
        key = (id(self.catalog), id(session), id(self.tables))
        if key not in self._contexts:
            if len(self._contexts) > 32:
                self._contexts.clear()
            timespan = self.settings.timespan or self.reach.timespan
            self._contexts[key] = Context(self.catalog, session, self.settings.environment, self.tables, timespan)
        return self._contexts[key]

    def document(self, text: OpenText, texts: Texts) -> Document | None:
        """A text as the kind of document that it is, kept until it or its surroundings change; None for other kinds."""
        others = texts.cells(text.notebook)
        notebook = texts.notebooks.get(text.notebook)
        context = self.context(notebook.path if notebook else notebook_of(text.path))
        made_of = (context, text, others)
        known = self._documents.get(text.uri)
        if known is None or not _same(known[0], made_of):
            known = (made_of, self._make(text, texts, context))
            self._documents[text.uri] = known
        return known[1]

    def forget(self, uri: str) -> None:
        """A text was closed."""
        self._documents.pop(uri, None)
        self._notebooks.pop(unquote(uri), None)

    def _make(self, text: OpenText, texts: Texts, context: Context) -> Document | None:
        notebook = texts.notebooks.get(text.notebook)
        if text.language in KQL_LANGUAGES and not text.text.lstrip().startswith("%%"):
            return KqlDocument(text, context)
        if notebook is not None:
            kept = self._notebooks.setdefault(text.notebook, Notebook())
            return kept.cell(text, texts.cells(text.notebook), notebook.path, context, self.reach.may_read)
        if text.language == "python" or text.uri.endswith(".py") or text.language in KQL_LANGUAGES:
            return PythonDocument.of(text, context, self.folders, self.reach.may_read)
        if text.uri.lower().endswith(KQL_SUFFIXES):
            return KqlDocument(text, context)
        if text.language == "yaml" and is_pack(text.text):
            return PackDocument(text, context)
        if text.uri.endswith(f"/{tasks.FILE}"):
            return tasks.TasksDocument(text, context)
        return None

    def _session(self, path: str) -> sessions.Session:
        if not self._sessions or not path:
            return sessions.EMPTY
        for session in self._sessions.values():
            if session.notebook and sessions.same_file(session.notebook, path):
                return session
        folder = str(Path(path).parent)
        for session in self._sessions.values():
            if not session.notebook and session.cwd and sessions.same_file(session.cwd, folder):
                return session
        return sessions.EMPTY

    def _load(self) -> None:
        """Read until nothing has changed meanwhile."""
        try:
            while self._wanted.is_set():
                self._wanted.clear()
                self._read()
        finally:
            with self._lock:
                self.reading = False
            self.ready.set()
            if self._wanted.is_set():  # set after the last look
                self.reload()
            self.on_change()

    def _read(self) -> None:
        reach = Reach.of(self.folders, self.settings)
        found = catalog(reach.roots)
        for error in found.errors:
            _LOG.info("%s", error)
        entity_facts()
        tables = _tables(reach.schemas)
        self.reach = reach
        if self.ready.is_set() and found.state == self.catalog.state and tables == self.tables:
            return
        found.pivots  # noqa: B018  (decoded here, so that the first completion does not wait for it)
        self.catalog, self.tables = found, tables
        self._contexts.clear()
        # What stays for good is not looked through again whenever garbage is collected: that took 100 ms a time.
        gc.collect()
        gc.freeze()
        self.generation += 1


def _tables(paths: Sequence[Path]) -> Schema:
    """The shipped tables, with those of files in front."""
    found = shipped()
    for path in paths:
        try:
            own = Schema.from_dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, AttributeError, TypeError) as error:
            _LOG.warning("the tables in %s are not read: %s", path, error)
            continue
        found = found.with_tables(*own.tables.values())
    return found


def notebook_of(path: str) -> str:
    """The notebook that JupyterLab has cut a document out of; any other path as it is.

    >>> notebook_of("/home/ana/hunt.ipynb.python-1(kql).kql")
    '/home/ana/hunt.ipynb'
    """
    notebook, cut, _ = path.rpartition(".ipynb.")
    return f"{notebook}.ipynb" if cut else path


def _same(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    return len(before) == len(now) and all(old is new for old, new in zip(before, now, strict=True))
