"""Every request, as four editors ask it: cases in Markdown, one server for each editor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as t
from pytest_lsp import LanguageClient

from cases import Case, cases
from huntlens.text import Encoding
from server.asked import ASK, TEXTS, Asked
from server.conftest import CONFIG, capabilities, until_read

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE = Path(__file__).parent
EDITORS: dict[str, Encoding] = {"vscode": "utf-16", "neovim@v0.11": "utf-8", "emacs": "utf-32", "lsp_mode": "utf-16"}
"""The editors, and the units that each is answered in."""


@pytest_lsp.fixture(scope="module", config=CONFIG, params=list(EDITORS))
async def lsp_client_of_editor(
    lsp_client: LanguageClient, request: pytest.FixtureRequest, root: Path
) -> AsyncIterator[None]:
    folder = t.WorkspaceFolder(root.as_uri(), "workspace")
    options = {"client.commands": ["huntlens.runQuery", "huntlens.showSql"]}
    params = t.InitializeParams(
        capabilities=capabilities(request.param), workspace_folders=[folder], initialization_options=options
    )
    lsp_client.initialize_result = await lsp_client.initialize_session(params)  # type: ignore[attr-defined]
    await until_read(lsp_client)
    yield
    await lsp_client.shutdown_session()


@pytest.mark.parametrize("case", cases(HERE / "cases"))
async def test_request(case: Case, lsp_client_of_editor: LanguageClient, root: Path, *, update_cases: bool) -> None:
    client = lsp_client_of_editor
    asked = Asked(client, root, str(client.initialize_result.capabilities.position_encoding or "utf-16"))  # type: ignore[union-attr,arg-type]
    kind = next((one for one in TEXTS if one in case.blocks), "python")
    asked.open(kind, case.blocks.get(kind, ""))
    wanted = [block for block in case.blocks if block in ASK]
    assert wanted, "a case asks for something"
    try:
        for block in wanted:
            answer = await ASK[block](asked, case.blocks.get("with", ""))
            if answer or block not in {"commits", "resolve"}:  # some clients know no such thing
                case.check(block, answer, update=update_cases)
    finally:
        asked.close()


async def test_columns_are_counted_as_agreed(
    lsp_client_of_editor: LanguageClient, request: pytest.FixtureRequest
) -> None:
    editor = request.node.callspec.params["lsp_client_of_editor"]
    assert lsp_client_of_editor.initialize_result.capabilities.position_encoding == EDITORS[editor]  # type: ignore[union-attr]
