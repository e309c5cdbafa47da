"""A server as a process, spoken to over standard input and output, one for each module of tests."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as t
from lsprotocol.converters import get_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

CURSOR = "┃"
COUNT = count()
HERE = Path(__file__).parent
CLOSED = """\
from huntlens import QueryProvider

qp = QueryProvider("local")
qp.team.logons(host="a")
"""
NOTEBOOK = {"cells": [{"cell_type": "code", "source": [CLOSED, '%hunt run team.logons host="a"\n']}], "nbformat": 4}
PACK = """\
pack: team
description: Queries of the workspace
environments: [local]
queries:
  team.logons:
    summary: Logons that the team looks at
    parameters:
      host: {type: string, doc: Name of the host, entity: Host.HostName}
    kql: |
      SecurityEvent
      | where TimeGenerated between (start .. end) and EventID == 4624 and Computer has host
"""


class Hunter:
    """The client, and shorthand for what tests do with it."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.lsp = client
        self.root = root

    def open(self, text: str, name: str = "", language: str = "python") -> tuple[str, t.Position]:
        """Open a text; gives its address and the position of the cursor in it."""
        number = next(COUNT)
        suffix = {"kusto": "kql", "yaml": "yaml"}.get(language, "py")
        uri = (self.root / (name or f"file {number}.{suffix}")).as_uri()
        text, position = cursor(text)
        self.lsp.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(uri, language, 1, text)))
        return uri, position

    def notebook(self, *cells: str) -> tuple[list[str], str, t.Position]:
        """Open a notebook; gives the addresses of its cells, that of the cell with the cursor, and the position."""
        number = next(COUNT)
        path = self.root / f"n{number}.ipynb"
        uris = [f"vscode-notebook-cell://host{path}#W{at}sZmlsZQ%3D%3D" for at in range(len(cells))]
        items, at, position = [], uris[0], t.Position(0, 0)
        for uri, cell in zip(uris, cells, strict=True):
            text, here = cursor(cell)
            if CURSOR in cell:
                at, position = uri, here
            items.append(t.TextDocumentItem(uri, "python", 1, text))
        notebook = t.NotebookDocument(
            path.as_uri(), "jupyter-notebook", 1, [t.NotebookCell(t.NotebookCellKind.Code, uri) for uri in uris]
        )
        self.lsp.notebook_document_did_open(t.DidOpenNotebookDocumentParams(notebook, items))
        return uris, at, position

    async def complete(self, uri: str, position: t.Position) -> t.CompletionList:
        found = await self.lsp.text_document_completion_async(t.CompletionParams(_id(uri), position))
        assert isinstance(found, t.CompletionList)
        return found

    async def labels(self, uri: str, position: t.Position) -> list[str]:
        return [item.label for item in (await self.complete(uri, position)).items]

    async def hover(self, uri: str, position: t.Position) -> str:
        found = await self.lsp.text_document_hover_async(t.HoverParams(_id(uri), position))
        return found.contents.value if found else ""

    async def findings(self, uri: str) -> list[t.Diagnostic]:
        """What is found when asked for."""
        report = await self.lsp.text_document_diagnostic_async(t.DocumentDiagnosticParams(_id(uri)))
        assert isinstance(report, t.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def pushed(self, uri: str) -> list[t.Diagnostic]:
        """What is sent without being asked for."""
        while uri not in self.lsp.diagnostics:
            await self.lsp.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return list(self.lsp.diagnostics[uri])


def cursor(text: str) -> tuple[str, t.Position]:
    """A text without its cursor, and the position of the cursor in UTF-16."""
    before, _, after = text.partition(CURSOR)
    column = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
    return before + after, t.Position(before.count("\n"), column)


def _id(uri: str) -> t.TextDocumentIdentifier:
    return t.TextDocumentIdentifier(uri)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work space")
    (folder / "queries").mkdir()
    (folder / "queries" / "team.yaml").write_text(PACK)
    (folder / "closed.py").write_text(CLOSED)
    (folder / "closed.ipynb").write_text(json.dumps(NOTEBOOK, indent=1))
    (folder / "setup_hunt.py").write_text('from huntlens import QueryProvider\nqp = QueryProvider("local")\n')
    return folder


def make_client() -> LanguageClient:
    """A client that takes what servers register later."""
    client = make_test_lsp_client()
    client.registered = []

    @client.feature(t.CLIENT_REGISTER_CAPABILITY)
    def register(params: t.RegistrationParams) -> None:
        client.registered += params.registrations

    return client


async def until_read(client: LanguageClient) -> None:
    """Wait for the packs: on a slow machine requests are answered before they are read."""
    asked = t.ExecuteCommandParams("huntlens.server.catalog")
    while not await client.workspace_execute_command_async(asked):
        pass


CONFIG = ClientServerConfig(
    server_command=[sys.executable, "-W", "error", str(HERE / "watched.py")], client_factory=make_client
)


def capabilities(client: str) -> t.ClientCapabilities:
    """What an editor says that it can: from its own code, or as `pytest_lsp` has it."""
    own = HERE / "clients" / f"{client}.json"
    if own.is_file():
        return get_converter().structure(json.loads(own.read_text("utf-8")), t.ClientCapabilities)
    return client_capabilities(client)


@pytest_lsp.fixture(scope="module", config=CONFIG)
async def lsp_client_of_module(lsp_client: LanguageClient, root: Path) -> AsyncIterator[None]:
    capabilities = client_capabilities("visual_studio_code")
    folder = t.WorkspaceFolder(root.as_uri(), "workspace")
    await lsp_client.initialize_session(t.InitializeParams(capabilities=capabilities, workspace_folders=[folder]))
    await until_read(lsp_client)
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def hunter(lsp_client_of_module: LanguageClient, root: Path) -> Hunter:
    return Hunter(lsp_client_of_module, root)
