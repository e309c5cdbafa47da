"""The server: what is open, what is known, and the features that answer requests about it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from huntlens import __version__, registry
from huntlens_server.knowledge import KQL_LANGUAGES, Knowledge
from huntlens_server.progress import tell_of_reading
from huntlens_server.protocol import FORMATTING, HuntlensProtocol
from huntlens_server.texts import Texts
from huntlens_server.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.text import Encoding
    from huntlens_server.document import Document
    from huntlens_server.feature import Feature
from huntlens_server.convert import Converter, get
from huntlens_server.diagnostics import findings, told

_LOG = logging.getLogger(__name__)
FEATURES = "huntlens_server.features"
NOTEBOOKS = ("jupyter-notebook", "interactive")
CELL_LANGUAGES = ("python", "kusto", "kql")
QUIET_S = 0.06
"""How long typing must pause before texts are checked."""
SLICE_S = 0.02
"""How long texts are checked at a stretch, where many are waiting (a notebook was opened)."""
PAUSE_S = 0.001
START_S = 2.0
"""How long the first requests wait for the packs to be read."""
KERNELS_S = 2.0
"""How often is looked at what running kernels publish."""


class HuntlensServer(LanguageServer):
    """One client's server."""

    protocol: HuntlensProtocol

    def __init__(self) -> None:
        super().__init__(
            "huntlens",
            __version__,
            text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental,
            notebook_document_sync=_notebook_sync(),
            protocol_cls=HuntlensProtocol,
        )
        self.texts = Texts()
        self.knowledge = Knowledge()
        self.workspace_uses = Workspace(self.knowledge, self.texts)
        self.retried: Sequence[str] = ()
        """Requests that the client asks again where it is told that the text has changed meanwhile."""
        self._told: dict[str, tuple[int, list[Diagnostic] | None]] = {}
        self._pulled: dict[str, tuple[int, list[Diagnostic]]] = {}
        self._colours: dict[str, lsp.SemanticTokens] = {}
        self._unchecked: dict[str, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._kernels: asyncio.TimerHandle | None = None
        self._pulls = False
        self._asking: asyncio.Future[None] | None = None
        self._telling: asyncio.Future[None] | None = None
        self.packs_read = asyncio.Event()
        for module in registry.load_members(FEATURES).values():
            self._register(registry.public_object(module))

    @property
    def encoding(self) -> Encoding:
        """The code units in which the client counts columns."""
        return self.texts.encoding

    def initialised(self, params: lsp.InitializeParams) -> None:
        """Take over what the client has said of itself."""
        encoding = self.workspace.position_encoding or "utf-16"
        self.texts.encoding = cast("Encoding", str(getattr(encoding, "value", encoding)))
        stale = get(params.capabilities, "general", "stale_request_support")
        self.retried = stale.retry_on_content_modified if stale else ()
        self._pulls = get(params.capabilities, "text_document", "diagnostic") is not None
        folders = [folder.uri for folder in params.workspace_folders or ()]
        self.knowledge.start(folders or ([params.root_uri] if params.root_uri else []), params.initialization_options)

    @property
    def registers_later(self) -> list[str]:
        """The kinds of formatting that are registered once the client is ready, for KQL alone."""
        able = get(self.client_capabilities, "text_document")
        return [one for one, name in FORMATTING.items() if get(able, name, "dynamic_registration")]

    def begin(self) -> None:
        """Watch what changes outside of the editor; packs that were read meanwhile are taken into account."""
        loop = asyncio.get_running_loop()
        later = [*_formatting(self.registers_later), *self._watched()]
        if later:
            self.client_register_capability(lsp.RegistrationParams(later))

        def changed() -> None:
            loop.call_soon_threadsafe(self.packs_read.set)
            loop.call_soon_threadsafe(self.knowledge_changed)

        self.knowledge.on_change = changed
        self._kernels = loop.call_later(0, self._look_at_kernels)
        if self.knowledge.ready.is_set():
            self.knowledge_changed()
        self.ask_for_settings()
        self.tell_of_reading()

    def ask_for_settings(self) -> None:
        """Ask the client for its settings, where it can be asked."""
        if get(self.client_capabilities, "workspace", "configuration"):
            self._asking = asyncio.ensure_future(self._ask_for_settings())

    async def _ask_for_settings(self) -> None:
        asked = lsp.ConfigurationParams([lsp.ConfigurationItem(section="huntlens")])
        found = await self.workspace_configuration_async(asked)
        self.configure(found[0] if found else None)

    def configure(self, settings: object) -> None:
        """Take over settings of the client, those that are other than before."""
        if self.knowledge.configure(settings):
            self.knowledge_changed()
            self.tell_of_reading()

    def reload(self) -> None:
        """Read the packs again: files have changed."""
        self.knowledge.reload()
        self.tell_of_reading()

    def tell_of_reading(self) -> None:
        """Show that packs are being read, if they are and it takes time."""
        if self._telling is None or self._telling.done():
            self.packs_read.clear()
            self._telling = asyncio.ensure_future(tell_of_reading(self))

    def place(self, uri: str) -> tuple[Document | None, Converter | None]:
        """The document at an address, and the converter of its places."""
        text = self.texts.get(uri)
        if text is None:
            return None, None
        self.knowledge.ready.wait(START_S)
        return self.knowledge.document(text, self.texts), Converter(text, self.encoding)

    def state(self, uri: str, found: list[Diagnostic]) -> str:
        """A word for findings that are pulled: the same as long as they and the text are."""
        text = self.texts.get(uri)
        if text is None:
            return ""
        serial, before = self._pulled.get(unquote(uri), (0, None))
        if before is not found:
            serial += 1
            self._pulled[unquote(uri)] = serial, found
        return f"{text.version}-{serial}"

    def texts_changed(self, keys: Iterable[str]) -> None:
        """Check texts as soon as typing pauses, those first that were named last."""
        for key in keys:
            self._unchecked.pop(key, None)
            self._unchecked[key] = None
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(QUIET_S, self._check)

    def knowledge_changed(self) -> None:
        """Check everything again: packs, settings or a kernel's tables have changed."""
        self.texts_changed(list(self.texts.texts))
        if self._pulls and get(self.client_capabilities, "workspace", "diagnostics", "refresh_support"):
            self.workspace_diagnostic_refresh(None)

    def coloured(self, uri: str) -> lsp.SemanticTokens | None:
        """The colours of a text as they were told last."""
        return self._colours.get(unquote(uri))

    def colour(self, uri: str, found: lsp.SemanticTokens) -> None:
        """Keep the colours of a text, under a word by which the client can name them."""
        before = self._colours.get(unquote(uri))
        found.result_id = str(int(before.result_id or 0) + 1 if before else 1)
        self._colours[unquote(uri)] = found

    def text_closed(self, uri: str) -> None:
        """Take back what was said about a text."""
        self.knowledge.forget(uri)
        self._told.pop(unquote(uri), None)
        self._pulled.pop(unquote(uri), None)
        self._colours.pop(unquote(uri), None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def stopping(self) -> None:
        """No more checks, and no more work beside."""
        for timer in (self._timer, self._kernels):
            if timer is not None:
                timer.cancel()
        self.thread_pool.shutdown(wait=False, cancel_futures=True)

    def _watched(self) -> list[lsp.Registration]:
        """Packs and settings are watched by clients that do so when they are told."""
        if not get(self.client_capabilities, "workspace", "did_change_watched_files", "dynamic_registration"):
            return []
        watchers = [lsp.FileSystemWatcher(glob_pattern="**/*.{yaml,yml}")]
        method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
        return [lsp.Registration(f"huntlens-{method}", method, options)]

    def _look_at_kernels(self) -> None:
        if self.knowledge.look_at_kernels():
            self.knowledge_changed()
        self._kernels = asyncio.get_running_loop().call_later(KERNELS_S, self._look_at_kernels)

    def _check(self) -> None:
        if self._pulls:
            self._unchecked.clear()
        end = time.monotonic() + SLICE_S
        while self._unchecked:
            if time.monotonic() > end:
                # The rest after what has arrived meanwhile.
                self._timer = asyncio.get_running_loop().call_later(PAUSE_S, self._check)
                return
            key, _ = self._unchecked.popitem()  # what was touched last comes first
            text = self.texts.texts.get(key)
            if text is None:
                continue
            found = findings(self, key)
            # Of the many cells of a notebook, only those are told anew that have changed or are seen differently.
            version, before = self._told.get(key, (-1, None))
            if version != text.version or before is not found:
                self._told[key] = (text.version, found)
                self.text_document_publish_diagnostics(
                    lsp.PublishDiagnosticsParams(text.uri, told(self, key, found), version=text.version)
                )

    def _register(self, feature: Feature) -> None:
        if isinstance(feature.answer, Mapping):
            for name, command in feature.answer.items():
                self.command(name)(_bound(command, self))
            return

        run = feature.answer

        def answer(params: Any) -> Any:
            return run(self, params)

        async def answer_in_pieces(params: Any) -> Any:
            return await run(self, params)

        chosen = answer_in_pieces if iscoroutinefunction(run) else self.thread()(answer) if feature.thread else answer
        self.feature(feature.method, feature.options)(chosen)


def _bound(command: Callable[..., Any], server: HuntlensServer) -> Callable[..., Any]:
    """A command of the protocol; of what clients pass to it, only texts are taken, as many as it wants."""
    wanted = len(signature(command).parameters) - 1

    def run(*arguments: Any) -> Any:
        return command(server, *[one for one in arguments if isinstance(one, str)][:wanted])

    return run


def _formatting(methods: Iterable[str]) -> list[lsp.Registration]:
    selector: list[lsp.DocumentFilter] = [lsp.TextDocumentFilterLanguage(language=one) for one in sorted(KQL_LANGUAGES)]
    options = {
        lsp.TEXT_DOCUMENT_FORMATTING: lsp.DocumentFormattingRegistrationOptions(document_selector=selector),
        lsp.TEXT_DOCUMENT_RANGE_FORMATTING: lsp.DocumentRangeFormattingRegistrationOptions(document_selector=selector),
        lsp.TEXT_DOCUMENT_ON_TYPE_FORMATTING: lsp.DocumentOnTypeFormattingRegistrationOptions(
            first_trigger_character="|", document_selector=selector
        ),
    }
    return [lsp.Registration(f"huntlens-{method}", method, options[method]) for method in methods]


def _notebook_sync() -> lsp.NotebookDocumentSyncOptions:
    languages = [lsp.NotebookCellLanguage(language=language) for language in CELL_LANGUAGES]
    return lsp.NotebookDocumentSyncOptions(
        notebook_selector=[
            lsp.NotebookDocumentFilterWithNotebook(
                notebook=lsp.NotebookDocumentFilterNotebookType(notebook_type=kind), cells=languages
            )
            for kind in NOTEBOOKS
        ],
        save=True,
    )
