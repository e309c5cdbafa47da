"""One server, spoken to as VS Code does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types as t

if TYPE_CHECKING:
    from server.conftest import Hunter

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETUP = 'from huntlens import QueryProvider\nqp = QueryProvider("local")\n'


async def test_query_names_of_a_pack_of_the_workspace(hunter: Hunter) -> None:
    uri, position = hunter.open(SETUP + "qp.team.┃")
    assert await hunter.labels(uri, position) == ["logons"]


async def test_the_documentation_of_an_offer_comes_when_it_is_asked_for(hunter: Hunter) -> None:
    uri, position = hunter.open(SETUP + "qp.team.┃")
    item = (await hunter.complete(uri, position)).items[0]
    assert item.documentation is None
    resolved = await hunter.lsp.completion_item_resolve_async(item)
    assert "Logons that the team looks at" in resolved.documentation.value


async def test_pivots_are_documented_too(hunter: Hunter) -> None:
    uri, position = hunter.open('from huntlens import Host\nHost("a").team.┃')
    item = (await hunter.complete(uri, position)).items[0]
    resolved = await hunter.lsp.completion_item_resolve_async(item)
    assert "Takes `Host.HostName`" in resolved.documentation.value


async def test_hover_counts_columns_in_utf_16(hunter: Hunter) -> None:
    uri, position = hunter.open(SETUP + 'x = "🔎🔎"; qp.team.log┃ons()')
    assert "Logons that the team looks at" in await hunter.hover(uri, position)


async def test_signature_help(hunter: Hunter) -> None:
    uri, position = hunter.open(SETUP + "qp.team.logons(┃)")
    found = await hunter.lsp.text_document_signature_help_async(
        t.SignatureHelpParams(t.TextDocumentIdentifier(uri), position)
    )
    assert found is not None
    assert found.signatures[0].label.startswith("logons(host: string, ")
    assert found.active_parameter == 0


async def test_definition_is_the_line_of_the_pack(hunter: Hunter) -> None:
    uri, position = hunter.open(SETUP + "qp.team.log┃ons()")
    found = await hunter.lsp.text_document_definition_async(t.DefinitionParams(t.TextDocumentIdentifier(uri), position))
    assert [(place.uri.rpartition("/")[2], place.range.start.line) for place in found] == [("team.yaml", 4)]


async def test_findings_are_pushed(hunter: Hunter) -> None:
    uri, _ = hunter.open(SETUP + "qp.team.logins()")
    assert [one.code for one in await hunter.pushed(uri)] == ["HL101"]


async def test_fixes_of_a_finding(hunter: Hunter) -> None:
    uri, _ = hunter.open(SETUP + "qp.team.logins()")
    found = await hunter.lsp.text_document_code_action_async(
        t.CodeActionParams(
            t.TextDocumentIdentifier(uri), t.Range(t.Position(2, 5), t.Position(2, 5)), t.CodeActionContext([])
        )
    )
    action = found[0]
    assert action.title == "Change to team.logons"
    assert action.edit.changes[uri][0].new_text == "team.logons"


async def test_cells_know_names_of_earlier_cells(hunter: Hunter) -> None:
    _, uri, position = hunter.notebook(SETUP, "# notes", "qp.team.┃")
    assert await hunter.labels(uri, position) == ["logons"]


async def test_cells_that_join_and_leave(hunter: Hunter) -> None:
    uris, uri, position = hunter.notebook("x = 1", "qp.team.┃")
    assert await hunter.labels(uri, position) == []
    new = uris[0].replace("#W0", "#W9")
    change = t.NotebookDocumentChangeEvent(
        cells=t.NotebookDocumentCellChanges(
            structure=t.NotebookDocumentCellChangeStructure(
                array=t.NotebookCellArrayChange(0, 1, [t.NotebookCell(t.NotebookCellKind.Code, new)]),
                did_open=[t.TextDocumentItem(new, "python", 1, SETUP)],
                did_close=[t.TextDocumentIdentifier(uris[0])],
            )
        )
    )
    notebook = t.VersionedNotebookDocumentIdentifier(2, f"file://{uris[0].partition('host')[2].partition('#')[0]}")
    hunter.lsp.notebook_document_did_change(t.DidChangeNotebookDocumentParams(notebook, change))
    assert await hunter.labels(uri, position) == ["logons"]


async def test_edits_of_a_cell(hunter: Hunter) -> None:
    uris, _, _ = hunter.notebook(SETUP, "qp")
    text = t.NotebookDocumentCellContentChanges(
        t.VersionedTextDocumentIdentifier(2, uris[1]),
        [
            t.TextDocumentContentChangePartial(t.Range(t.Position(0, 2), t.Position(0, 2)), ".team"),
            t.TextDocumentContentChangePartial(t.Range(t.Position(0, 7), t.Position(0, 7)), "."),
        ],
    )
    change = t.NotebookDocumentChangeEvent(cells=t.NotebookDocumentCellChanges(text_content=[text]))
    notebook = t.VersionedNotebookDocumentIdentifier(2, f"file://{uris[0].partition('host')[2].partition('#')[0]}")
    hunter.lsp.notebook_document_did_change(t.DidChangeNotebookDocumentParams(notebook, change))
    assert await hunter.labels(uris[1], t.Position(0, 8)) == ["logons"]


async def test_findings_in_a_kql_cell_stand_where_they_are(hunter: Hunter) -> None:
    uris, _, _ = hunter.notebook("%%kql -o x\nSigninLogs\n| whre TimeGenerated > ago(1d)")
    found = [one for one in await hunter.pushed(uris[0]) if one.severity == t.DiagnosticSeverity.Error]
    assert [(one.range.start.line, one.range.start.character) for one in found] == [(2, 2)]


async def test_a_pack_is_checked(hunter: Hunter) -> None:
    uri, _ = hunter.open("pack: p\nenvironments: [local]\nqueries:\n  a.b:\n    kql: T\n", language="yaml")
    found = await hunter.pushed(uri)
    assert {one.code for one in found} == {"HL301"}
    assert all(one.range.start.line == 4 or one.range.start.line == 3 for one in found)


async def test_other_yaml_is_left_alone(hunter: Hunter) -> None:
    uri, _ = hunter.open("version: 3\nservices: {}\n", language="yaml")
    assert await hunter.pushed(uri) == []


async def test_symbols_of_the_workspace(hunter: Hunter) -> None:
    found = await hunter.lsp.workspace_symbol_async(t.WorkspaceSymbolParams("team"))
    assert "team.logons" in [symbol.name for symbol in found]


async def test_an_unsaved_text(hunter: Hunter) -> None:
    item = t.TextDocumentItem("untitled:Untitled-1", "python", 1, SETUP + "qp.team.")
    hunter.lsp.text_document_did_open(t.DidOpenTextDocumentParams(item))
    assert await hunter.labels("untitled:Untitled-1", t.Position(2, 8)) == ["logons"]


async def test_what_was_never_opened_has_no_answers(hunter: Hunter) -> None:
    assert await hunter.labels("file:///nowhere.py", t.Position(3, 5)) == []


async def test_a_module_of_the_workspace_is_read_not_run(hunter: Hunter) -> None:
    telltale = hunter.root / "ran"
    (hunter.root / "setup_hunt.py").write_text(SETUP + f"open({str(telltale)!r}, 'w')\n")
    uri, position = hunter.open("from setup_hunt import qp\nqp.team.┃")
    assert await hunter.labels(uri, position) == ["logons"]
    assert not telltale.exists()


async def test_uses_over_code_and_packs(hunter: Hunter) -> None:
    (hunter.root / "closed.py").write_text(SETUP + 'qp.team.logons(host="a")\n')
    uri, position = hunter.open(SETUP + "qp.team.log┃ons()")
    found = await hunter.lsp.text_document_references_async(
        t.ReferenceParams(t.ReferenceContext(include_declaration=True), t.TextDocumentIdentifier(uri), position)
    )
    names = {place.uri.rpartition("/")[2] for place in found}
    assert {"team.yaml", "closed.py", uri.rpartition("/")[2]} <= names


async def test_renaming_a_query_over_files(hunter: Hunter) -> None:
    (hunter.root / "closed.py").write_text(SETUP + 'qp.team.logons(host="a")\n')
    uris, uri, position = hunter.notebook(
        SETUP, "qp.team.log┃ons()", "%hunt run team.logons host=a\n%pivot Host.team.logons a"
    )
    where = t.TextDocumentIdentifier(uri)
    prepared = await hunter.lsp.text_document_prepare_rename_async(t.PrepareRenameParams(where, position))
    assert (prepared.start.character, prepared.end.character) == (8, 14)
    edit = await hunter.lsp.text_document_rename_async(t.RenameParams(where, position, "seen"))
    new = {
        (uri.rpartition("/")[2].partition("#")[0], one.range.start.line, one.range.start.character, one.new_text)
        for uri, edits in edit.changes.items()
        for one in edits
    }
    notebook = uris[0].rpartition("/")[2].partition("#")[0]
    assert {
        ("team.yaml", 4, 2, "team.seen"),
        ("closed.py", 2, 8, "seen"),
        (notebook, 0, 8, "seen"),
        (notebook, 0, 15, "seen"),
        (notebook, 1, 17, "seen"),
    } <= new


async def test_renaming_a_parameter(hunter: Hunter) -> None:
    uri, position = hunter.open(SETUP + 'qp.team.logons(ho┃st="a")')
    edit = await hunter.lsp.text_document_rename_async(
        t.RenameParams(t.TextDocumentIdentifier(uri), position, "machine")
    )
    team = next(edits for name, edits in edit.changes.items() if name.endswith("team.yaml"))
    assert {(one.range.start.line, one.new_text) for one in team} == {(7, "machine"), (10, "machine")}


async def test_a_name_that_is_none(hunter: Hunter) -> None:
    uri, position = hunter.open(SETUP + "qp.team.log┃ons()")
    with pytest.raises(Exception, match="is no name"):
        await hunter.lsp.text_document_rename_async(t.RenameParams(t.TextDocumentIdentifier(uri), position, "a b"))


async def test_lenses_of_a_pack_count_uses(hunter: Hunter) -> None:
    hunter.open(SETUP + "qp.team.logons()")
    uri = (hunter.root / "queries" / "team.yaml").as_uri()
    item = t.TextDocumentItem(uri, "yaml", 1, (hunter.root / "queries" / "team.yaml").read_text())
    hunter.lsp.text_document_did_open(t.DidOpenTextDocumentParams(item))
    found = await hunter.lsp.text_document_code_lens_async(t.CodeLensParams(t.TextDocumentIdentifier(uri)))
    hunter.lsp.text_document_did_close(t.DidCloseTextDocumentParams(t.TextDocumentIdentifier(uri)))
    assert [lens.range.start.line for lens in found] == [4]
    assert int(found[0].command.title.split()[0]) >= 1


async def test_what_views_ask_for(hunter: Hunter) -> None:
    queries = await hunter.lsp.workspace_execute_command_async(t.ExecuteCommandParams("huntlens.server.catalog"))
    assert "team.logons" in [one["id"] for one in queries]
    entities = await hunter.lsp.workspace_execute_command_async(t.ExecuteCommandParams("huntlens.server.entities", []))
    host = next(one for one in entities if one["name"] == "Host")
    assert "team.logons" in [pivot["name"] for pivot in host["pivots"]]
    tables = await hunter.lsp.workspace_execute_command_async(t.ExecuteCommandParams("huntlens.server.tables"))
    assert "SecurityEvent" in tables
    asked = t.ExecuteCommandParams("huntlens.server.table", ["SecurityEvent"])
    table = await hunter.lsp.workspace_execute_command_async(asked)
    assert "EventID" in [column["name"] for column in table["columns"]]
    asked = t.ExecuteCommandParams("huntlens.server.table", ["NoSuchTable"])
    assert await hunter.lsp.workspace_execute_command_async(asked) is None


async def test_colours_outline_and_layout_of_kql(hunter: Hunter) -> None:
    uri, _ = hunter.open("SigninLogs|where TimeGenerated>ago(1d)\n|  take 5", language="kusto")
    where = t.TextDocumentIdentifier(uri)
    tokens = await hunter.lsp.text_document_semantic_tokens_full_async(t.SemanticTokensParams(where))
    assert len(tokens.data) > 10
    symbols = await hunter.lsp.text_document_document_symbol_async(t.DocumentSymbolParams(where))
    assert symbols[0].name == "SigninLogs"
    edits = await hunter.lsp.text_document_formatting_async(
        t.DocumentFormattingParams(where, t.FormattingOptions(4, insert_spaces=True))
    )
    assert "| where TimeGenerated > ago(1d)" in edits[0].new_text


async def test_completion_in_kql(hunter: Hunter) -> None:
    uri, position = hunter.open("SecurityEvent\n| where Even┃", language="kusto")
    assert "EventID" in await hunter.labels(uri, position)
    _, cell, at = hunter.notebook("%%kql -o x\nSecurityEvent\n| where TargetUser┃")
    assert "TargetUserName" in await hunter.labels(cell, at)
    python, within = hunter.open(SETUP + 'qp.exec_query("SecurityEvent | where Even┃")')
    assert "EventID" in await hunter.labels(python, within)


async def test_a_pack_that_is_saved_is_read_again(hunter: Hunter) -> None:
    path = hunter.root / "queries" / "saved.yaml"
    text = "pack: saved\nenvironments: [local]\nqueries:\n  saved.now:\n    summary: New\n    kql: SecurityEvent\n"
    path.write_text(text)
    uri, position = hunter.open(SETUP + "qp.saved.┃")
    hunter.lsp.text_document_did_save(t.DidSaveTextDocumentParams(t.TextDocumentIdentifier(path.as_uri())))
    for _ in range(300):
        if await hunter.labels(uri, position) == ["now"]:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the pack was not read again")
