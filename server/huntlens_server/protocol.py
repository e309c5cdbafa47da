"""The language server protocol as pygls has it, with texts kept by `texts` instead of pygls' own workspace.

Open, change and close are handled here, before any feature sees them; features are told through `HuntlensServer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from concurrent.futures import Future

    from huntlens_server.server import HuntlensServer


FORMATTING = {
    lsp.TEXT_DOCUMENT_FORMATTING: "formatting",
    lsp.TEXT_DOCUMENT_RANGE_FORMATTING: "range_formatting",
    lsp.TEXT_DOCUMENT_ON_TYPE_FORMATTING: "on_type_formatting",
}
"""Requests whose server must not be ours for Python, since the user has a formatter; and the client's capability."""


class RefusedError(JsonRpcException):
    """A request that is answered with an error which is no fault: a name that is none, a text that has changed."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message, int(code))


class HuntlensProtocol(LanguageServerProtocol):
    """Messages in, messages out."""

    @property
    def server(self) -> HuntlensServer:
        """The server that the messages are for."""
        return cast("HuntlensServer", self._server)

    def refuse(self, identity: int | str, code: int, message: str) -> None:
        """Answer a request with an error."""
        self._send_response(identity, None, lsp.ResponseError(code=code, message=message))

    def _send_handler_result(self, future: Future[Any], *, msg_id: int | str) -> None:
        """Refusals are answers; the rest is as it was."""
        error = None if future.cancelled() else future.exception()
        if isinstance(error, RefusedError):
            self._request_futures.pop(msg_id, None)
            self.refuse(msg_id, error.code, error.message)
            return
        super()._send_handler_result(future, msg_id=msg_id)

    @lsp_method(lsp.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: lsp.DidOpenTextDocumentParams) -> None:
        """Take over a text."""
        self.server.texts_changed([self.server.texts.open(params.text_document)])

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> None:
        """Apply edits."""
        self.server.texts_changed([self.server.texts.change(params.text_document, params.content_changes)])

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: lsp.DidCloseTextDocumentParams) -> None:
        """Forget a text, and what was said about it."""
        self.server.texts.close(params.text_document.uri)
        self.server.text_closed(params.text_document.uri)

    @lsp_method(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)
    def lsp_notebook_document__did_open(self, params: lsp.DidOpenNotebookDocumentParams) -> None:
        """Take over a notebook."""
        self._notebook_changed(self.server.texts.open_notebook(params))

    @lsp_method(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(self, params: lsp.DidChangeNotebookDocumentParams) -> None:
        """Apply changes to a notebook."""
        cells = params.change.cells
        key = self.server.texts.change_notebook(params)
        for closed in (cells.structure.did_close or ()) if cells and cells.structure else ():
            self.server.text_closed(closed.uri)
        self._notebook_changed(
            key, [unquote(one.document.uri) for one in (cells.text_content if cells else None) or ()]
        )

    @lsp_method(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def lsp_notebook_document__did_close(self, params: lsp.DidCloseNotebookDocumentParams) -> None:
        """Forget a notebook."""
        self.server.knowledge.forget(self.server.texts.close_notebook(params))
        for cell in params.cell_text_documents:
            self.server.text_closed(cell.uri)

    @lsp_method(lsp.INITIALIZE)
    def lsp_initialize(self, params: lsp.InitializeParams) -> Generator[Any, Any, lsp.InitializeResult]:
        """Leave formatting out of the answer where it is registered later, for KQL alone."""
        result = yield from super().lsp_initialize(params)
        for method in self.server.registers_later:
            setattr(result.capabilities, f"document_{FORMATTING[method]}_provider", None)
        return result

    @lsp_method(lsp.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Stop the timers before the rest stops."""
        self.server.stopping()
        yield from super().lsp_shutdown(*args)

    def _notebook_changed(self, key: str, edited: Sequence[str] = ()) -> None:
        """Check all cells, those first that were typed in."""
        notebook = self.server.texts.notebooks.get(key)
        self.server.texts_changed([*notebook.cells, *edited] if notebook else [])
