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
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from pygls.uris import to_fs_path

from huntlens.assist import session as sessions
from huntlens.assist.context import Context, entity_facts
from huntlens.assist.packs import is_pack
from huntlens.catalog.collection import Catalog
from huntlens.catalog.discover import catalog
from huntlens.kql.schema import Schema, shipped
from huntlens_server.documents.kql import KqlDocument
from huntlens_server.documents.notebook import Notebook
from huntlens_server.documents.pack import PackDocument
from huntlens_server.documents.python import PythonDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from huntlens_server.document import Document
    from huntlens_server.texts import OpenText, Texts

_LOG = logging.getLogger(__name__)
KQL_LANGUAGES: Final = frozenset({"kusto", "kql"})
KQL_SUFFIXES: Final = (".kql", ".csl", ".kusto")


@dataclass(frozen=True)
class Settings:
    """What the client has set."""

    trusted: bool = True
    """Whether the workspace may say where packs are."""
    packs: tuple[str, ...] = ()
    """More folders and files of packs."""
    schema: str = ""
    """A file of more tables."""
    environment: str = ""
    timespan: str = ""
    """The time range of queries that are given none."""
    max_completions: int = 200
    diagnostics: bool = True
    hints: bool = True
    commands: tuple[str, ...] = ()
    """Commands that the client can carry out itself."""

    def changed(self, value: object) -> Settings:
        """These settings with what a client sends; what it does not send, or what does not fit, stays."""
        given = value.get("huntlens", value) if isinstance(value, dict) else {}
        if not isinstance(given, dict):
            return self
        flat = _flat(given)
        found: dict[str, Any] = {}
        for name, key in _KEYS.items():
            kind = type(getattr(self, name))
            one = flat.get(key)
            if kind is tuple and isinstance(one, list):
                found[name] = tuple(item for item in one if isinstance(item, str))
            elif isinstance(one, kind) and isinstance(one, bool) == (kind is bool):
                found[name] = one
        return replace(self, **found)


_KEYS: Final[Mapping[str, str]] = {
    "trusted": "trusted",
    "packs": "packs",
    "schema": "editor.schema",
    "environment": "environment",
    "timespan": "timespan",
    "max_completions": "completion.limit",
    "diagnostics": "editor.diagnostics",
    "hints": "inlayHints.enable",
    "commands": "client.commands",
}


@dataclass
class Knowledge:
    """Facts that change seldom, read on a thread of their own."""

    folders: tuple[Path, ...] = ()
    settings: Settings = field(default_factory=Settings)
    catalog: Catalog = field(default_factory=Catalog)
    tables: Schema = field(default_factory=shipped)
    ready: threading.Event = field(default_factory=threading.Event)
    generation: int = 0
    """Counts what changes beside the texts."""
    on_change: Callable[[], None] = lambda: None
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

    def configure(self, options: object) -> None:
        """Take over other settings."""
        before, self.settings = self.settings, self.settings.changed(options)
        self.generation += 1
        self._contexts.clear()
        if _read_from(before) != _read_from(self.settings):
            self.reload()

    def reload(self) -> None:
        """Read the packs anew, without keeping anybody waiting."""
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
            settings = self.settings
            self._contexts[key] = Context(self.catalog, session, settings.environment, self.tables, settings.timespan)
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
            return kept.cell(text, texts.cells(text.notebook), notebook.path, context)
        if text.language == "python" or text.uri.endswith(".py") or text.language in KQL_LANGUAGES:
            return PythonDocument.of(text, context, self.folders)
        if text.uri.lower().endswith(KQL_SUFFIXES):
            return KqlDocument(text, context)
        if text.language == "yaml" and is_pack(text.text):
            return PackDocument(text, context)
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

    def _tables(self) -> Schema:
        """The shipped tables, with those of the file in the settings in front."""
        if not (self.settings.schema and self.settings.trusted):
            return shipped()
        path = Path(self.settings.schema).expanduser()
        path = next((place for folder in self.folders if (place := folder / path).is_file()), path)
        try:
            own = Schema.from_dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, AttributeError, TypeError) as error:
            _LOG.warning("the tables in %s are not read: %s", path, error)
            return shipped()
        return shipped().with_tables(*own.tables.values())

    def _load(self) -> None:
        roots: list[Path] = [Path(path).expanduser() for path in self.settings.packs] if self.settings.trusted else []
        for folder in self.folders:
            roots += [place for name in ("queries", ".huntlens/packs") if (place := folder / name).is_dir()]
        found = catalog(roots)
        for error in found.errors:
            _LOG.info("%s", error)
        entity_facts()
        found.pivots  # noqa: B018  (decoded here, so that the first completion does not wait for it)
        self.catalog, self.tables = found, self._tables()
        # What stays for good is not looked through again whenever garbage is collected: that took 100 ms a time.
        gc.collect()
        gc.freeze()
        self.generation += 1
        self.ready.set()
        self.on_change()


def _read_from(settings: Settings) -> tuple[object, ...]:
    """What of the settings says where packs and tables are."""
    return settings.packs, settings.schema, settings.trusted


def notebook_of(path: str) -> str:
    """The notebook that JupyterLab has cut a document out of; any other path as it is.

    >>> notebook_of("/home/ana/hunt.ipynb.python-1(kql).kql")
    '/home/ana/hunt.ipynb'
    """
    notebook, cut, _ = path.rpartition(".ipynb.")
    return f"{notebook}.ipynb" if cut else path


def _same(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    return len(before) == len(now) and all(old is new for old, new in zip(before, now, strict=True))


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, one in value.items():
        if isinstance(one, dict):
            found.update(_flat(one, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = one
    return found
