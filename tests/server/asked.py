"""What a client asks about a text with a cursor in it, and the answer as lines that can be read and compared."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lsprotocol import types as t
from pytest_lsp import LanguageClient

from cases import CURSOR
from huntlens.text import Encoding, LineIndex, Position

OPTIONS = t.FormattingOptions(4, insert_spaces=True)
LANGUAGES = {"kusto": "kql", "python": "py", "yaml": "yaml", "tasks": "json", "lab": "ipynb.python-1(kql).kql"}
SHOWN = 12
COUNT = count()
"""Texts are opened in folders of their own, so that what is said about one is not taken for another's."""


@dataclass
class Asked:
    """A client, the texts that it has open, and the place that it asks about."""

    client: LanguageClient
    root: Path
    encoding: Encoding = "utf-16"
    texts: dict[str, str] = field(default_factory=dict)
    uri: str = ""
    start: int = 0
    end: int = 0

    def open(self, kind: str, text: str) -> None:
        """Open a text, or the cells of a notebook."""
        self.texts.clear()
        if kind == "cells":
            self._notebook(text.rstrip("\n").split("\n---\n"))
            return
        name = ".vscode/tasks.json" if kind == "tasks" else f"case.{LANGUAGES[kind]}"
        uri = (self.root / f"{next(COUNT)}" / name).as_uri()
        language = {"tasks": "jsonc", "lab": "kql"}.get(kind, kind)
        self._take(uri, text)
        item = t.TextDocumentItem(uri, language, 1, self.texts[uri])
        self.client.text_document_did_open(t.DidOpenTextDocumentParams(item))

    def close(self) -> None:
        """Close all that is open."""
        if "#" in self.uri:
            cells = [t.TextDocumentIdentifier(uri) for uri in self.texts]
            path = unquote(self.uri).removeprefix("vscode-notebook-cell://host").partition("#")[0]
            notebook = t.NotebookDocumentIdentifier(Path(path).as_uri())
            self.client.notebook_document_did_close(t.DidCloseNotebookDocumentParams(notebook, cells))
        else:
            self.client.text_document_did_close(t.DidCloseTextDocumentParams(self.document))

    @property
    def document(self) -> t.TextDocumentIdentifier:
        return t.TextDocumentIdentifier(self.uri)

    @property
    def at(self) -> t.Position:
        return self.position(self.start)

    @property
    def range(self) -> t.Range:
        return t.Range(self.at, self.position(self.end))

    def position(self, offset: int) -> t.Position:
        return t.Position(*LineIndex(self.texts[self.uri]).position(offset, self.encoding))

    def text_at(self, uri: str, place: t.Range) -> str:
        text = self.text_of(uri)
        start, end = (self._offset(text, one) for one in (place.start, place.end))
        return text[start:end]

    def text_of(self, uri: str) -> str:
        if uri in self.texts:
            return self.texts[uri]
        return Path(unquote(uri.removeprefix("file://"))).read_text("utf-8")

    def name_of(self, uri: str) -> str:
        cell = re.search(r"#W(\d+)", uri)
        name = Path(unquote(uri).partition("#")[0]).name
        return f"{name}[{cell[1]}]" if cell else name

    def edited(self, uri: str, edits: list[t.TextEdit]) -> str:
        """A text after edits of it."""
        text = self.text_of(uri)
        for edit in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
            start, end = self._offset(text, edit.range.start), self._offset(text, edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        return text

    def changes(self, edit: t.WorkspaceEdit) -> Iterator[str]:
        """The lines that a change of the workspace changes."""
        for uri, edits in sorted((edit.changes or {}).items(), key=lambda one: self.name_of(one[0])):
            before, after = self.text_of(uri).split("\n"), self.edited(uri, list(edits)).split("\n")
            same = len(before) == len(after)
            shown = [one for number, one in enumerate(after) if not same or one != before[number]]
            yield from (f"{self.name_of(uri)}: {one.strip()}" for one in shown)

    def place(self, uri: str, where: t.Range) -> str:
        line = self.text_of(uri).split("\n")[where.start.line].strip()
        return f"{self.name_of(uri)}:{where.start.line + 1}: {line[:100]}"

    def _offset(self, text: str, position: t.Position) -> int:
        return LineIndex(text).offset(Position(position.line, position.character), self.encoding)

    def _take(self, uri: str, text: str) -> None:
        if CURSOR in text or not self.texts:
            self.uri = uri
            self.start = max(text.find(CURSOR), 0)
            rest = text.replace(CURSOR, "", 1)
            self.end = rest.find(CURSOR) if CURSOR in rest else self.start
        self.texts[uri] = text.replace(CURSOR, "")

    def _notebook(self, cells: list[str]) -> None:
        path = self.root / f"{next(COUNT)}" / "case.ipynb"
        items = []
        for number, cell in enumerate(cells):
            uri = f"vscode-notebook-cell://host{path.as_uri()[7:]}#W{number}sZmlsZQ%3D%3D"
            self._take(uri, cell)
            items.append(t.TextDocumentItem(uri, "python", 1, self.texts[uri]))
        kinds = [t.NotebookCell(t.NotebookCellKind.Code, item.uri) for item in items]
        notebook = t.NotebookDocument(path.as_uri(), "jupyter-notebook", 1, kinds)
        self.client.notebook_document_did_open(t.DidOpenNotebookDocumentParams(notebook, items))


async def completion(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_completion_async(t.CompletionParams(asked.document, asked.at))
    assert isinstance(found, t.CompletionList)
    replaced = {asked.text_at(asked.uri, one.text_edit.range) for one in found.items if one.text_edit}
    typed = min(replaced, default="").lower()
    lines = [
        f"{one.label} ({t.CompletionItemKind(one.kind).name}) {one.detail or ''}".rstrip()  # type: ignore[arg-type]
        for one in sorted(found.items, key=lambda one: one.sort_text or "")
        if one.label.lower().startswith(typed)  # the client lists what fits what is typed
    ]
    head = [f"in the place of {one!r}" for one in sorted(replaced) if one]
    more = [f"... {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join([*head, *lines[:SHOWN], *more, *(["incomplete"] if found.is_incomplete else [])])


async def commits(asked: Asked, _: str) -> str:
    """What ends an offer and takes it, for clients that know such a thing."""
    found = await asked.client.text_document_completion_async(t.CompletionParams(asked.document, asked.at))
    items = sorted(found.items, key=lambda one: one.sort_text or "")
    can = asked.client.capabilities.text_document.completion.completion_item.commit_characters_support
    given = {one.label: "".join(one.commit_characters or ()) for one in items[:3]}
    assert can or not any(given.values())
    return "\n".join(f"{label}: {chars}" for label, chars in given.items()) if can else ""


async def resolve(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_completion_async(t.CompletionParams(asked.document, asked.at))
    item = min(found.items, key=lambda one: one.sort_text or "")
    assert item.documentation is None
    found = (await asked.client.completion_item_resolve_async(item)).documentation
    if isinstance(found, str):  # the client shows it as it is
        assert found
        assert not {"`", "*", "\\"} & set(found)
        return ""
    return _quoted(found.value, asked)


async def hover(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_hover_async(t.HoverParams(asked.document, asked.at))
    if found is None:
        return "nothing"
    return f"{asked.text_at(asked.uri, found.range)!r}\n{_quoted(found.contents.value, asked)}"


async def signature(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_signature_help_async(t.SignatureHelpParams(asked.document, asked.at))
    if found is None:
        return "nothing"
    one = found.signatures[0]
    label = one.label
    for parameter in (one.parameters or ())[found.active_parameter or 0 :][:1]:
        start, end = parameter.label
        label = f"{label[:start]}<{label[start:end]}>{label[end:]}"
    told = getattr(one.documentation, "value", one.documentation) or ""
    return f"{label}\n{told.replace('`', '')}".rstrip()  # marks are for clients that know them


async def definition(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_definition_async(t.DefinitionParams(asked.document, asked.at))
    return "\n".join(asked.place(one.uri, one.range) for one in found or ())


async def references(asked: Asked, _: str) -> str:
    context = t.ReferenceContext(include_declaration=True)
    found = await asked.client.text_document_references_async(t.ReferenceParams(context, asked.document, asked.at))
    return "\n".join(sorted(asked.place(one.uri, one.range) for one in found or ()))


async def prepare(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_prepare_rename_async(t.PrepareRenameParams(asked.document, asked.at))
    return asked.text_at(asked.uri, found) if found else "nothing"


async def rename(asked: Asked, to: str) -> str:
    params = t.RenameParams(asked.document, asked.at, to.strip())
    found = await asked.client.text_document_rename_async(params)
    return "\n".join(asked.changes(found)) if found else "nothing"


async def findings(asked: Asked, _: str) -> str:
    """What is said about the text: asked for by clients that can, waited for by others."""
    if asked.client.capabilities.text_document.diagnostic:
        report = await asked.client.text_document_diagnostic_async(t.DocumentDiagnosticParams(asked.document))
        found = list(report.items)
    else:
        while asked.uri not in asked.client.diagnostics:
            await asked.client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        found = list(asked.client.diagnostics[asked.uri])
    return "\n".join(
        f"{one.range.start.line + 1}: {one.code} {one.severity.name} "
        f"{asked.text_at(asked.uri, one.range)!r}: {one.message}"
        for one in found
    )


async def actions(asked: Asked, _: str) -> str:
    params = t.CodeActionParams(asked.document, asked.range, t.CodeActionContext([]))
    found = await asked.client.text_document_code_action_async(params)
    lines = []
    for one in found or ():
        changed = "; ".join(line.partition(": ")[2] for line in asked.changes(one.edit))
        lines.append(f"{one.kind}: {one.title} -> {changed}")
    return "\n".join(lines)


async def layout(asked: Asked, _: str) -> str:
    params = t.DocumentFormattingParams(asked.document, OPTIONS)
    return asked.edited(asked.uri, list(await asked.client.text_document_formatting_async(params) or ()))


async def layout_range(asked: Asked, _: str) -> str:
    params = t.DocumentRangeFormattingParams(asked.document, asked.range, OPTIONS)
    return asked.edited(asked.uri, list(await asked.client.text_document_range_formatting_async(params) or ()))


async def layout_typed(asked: Asked, _: str) -> str:
    params = t.DocumentOnTypeFormattingParams(asked.document, asked.at, "|", OPTIONS)
    return asked.edited(asked.uri, list(await asked.client.text_document_on_type_formatting_async(params) or ()))


async def outline(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_document_symbol_async(t.DocumentSymbolParams(asked.document))
    return "\n".join(_outline(found or (), ""))


def _outline(found: Any, indent: str) -> Iterator[str]:
    for one in found:
        yield f"{indent}{one.name} ({one.kind.name}) {one.detail or ''}".rstrip()
        yield from _outline(one.children or (), f"{indent}  ")


async def symbols(asked: Asked, words: str) -> str:
    found = await asked.client.workspace_symbol_async(t.WorkspaceSymbolParams(words.strip()))
    return "\n".join(
        f"{one.name} in {one.container_name}: {asked.place(one.location.uri, one.location.range)}" for one in found
    )


async def colours(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_semantic_tokens_full_async(t.SemanticTokensParams(asked.document))
    return "\n".join(_coloured(asked, found.data))


async def colours_range(asked: Asked, _: str) -> str:
    params = t.SemanticTokensRangeParams(asked.document, asked.range)
    found = await asked.client.text_document_semantic_tokens_range_async(params)
    return "\n".join(_coloured(asked, found.data))


def _coloured(asked: Asked, data: Any) -> Iterator[str]:
    legend = asked.client.initialize_result.capabilities.semantic_tokens_provider.legend.token_types
    line = column = 0
    for at in range(0, len(data), 5):
        column = data[at + 1] + (column if data[at] == 0 else 0)
        line += data[at]
        place = t.Range(t.Position(line, column), t.Position(line, column + data[at + 2]))
        yield f"{legend[data[at + 3]]} {asked.text_at(asked.uri, place)}"


async def folds(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_folding_range_async(t.FoldingRangeParams(asked.document))
    return "\n".join(f"lines {one.start_line + 1} to {one.end_line + 1}" for one in found or ())


async def selection(asked: Asked, _: str) -> str:
    params = t.SelectionRangeParams(asked.document, [asked.at])
    found = await asked.client.text_document_selection_range_async(params)
    lines, one = [], found[0]
    while one is not None:
        lines.append(repr(asked.text_at(asked.uri, one.range)))
        one = one.parent
    return "\n".join(lines)


async def highlight(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_document_highlight_async(
        t.DocumentHighlightParams(asked.document, asked.at)
    )
    return "\n".join(sorted(asked.place(asked.uri, one.range) for one in found or ()))


async def hints(asked: Asked, _: str) -> str:
    text = asked.texts[asked.uri]
    whole = t.Range(t.Position(0, 0), asked.position(len(text)))
    found = await asked.client.text_document_inlay_hint_async(t.InlayHintParams(asked.document, whole))
    edits = [t.TextEdit(t.Range(one.position, one.position), f"⟦{one.label}⟧") for one in found or ()]
    return asked.edited(asked.uri, edits)


async def lenses(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_code_lens_async(t.CodeLensParams(asked.document))
    return "\n".join(
        f"{one.range.start.line + 1}: {one.command.title} {one.command.command}".rstrip() for one in found or ()
    )


async def links(asked: Asked, _: str) -> str:
    found = await asked.client.text_document_document_link_async(t.DocumentLinkParams(asked.document))
    return "\n".join(f"{asked.text_at(asked.uri, one.range)} -> {one.target}" for one in found or ())


async def command(asked: Asked, name: str) -> str:
    found = await asked.client.workspace_execute_command_async(t.ExecuteCommandParams(name.strip(), [asked.uri]))
    lines = found if isinstance(found, list) else [found]
    return "\n".join(str(one.get("id") or one.get("name")) if isinstance(one, dict) else str(one) for one in lines)


def _quoted(markdown: str, asked: Asked) -> str:
    """A text in Markdown within a block of Markdown."""
    return markdown.replace("```", "~~~").replace(asked.root.as_uri(), "file://ROOT")


Ask = Callable[[Asked, str], Awaitable[str]]
ASK: dict[str, Ask] = {
    one.__name__: one
    for one in (
        completion, commits, resolve, hover, signature, definition, references, prepare, rename, findings, actions,
        layout, layout_range, layout_typed, outline, symbols, colours, colours_range, folds, selection, highlight,
        hints, lenses, links, command,
    )
}  # fmt: skip
"""What can be asked, by the name of the block that holds the answer."""
TEXTS = ("python", "kusto", "yaml", "cells", "tasks", "lab")
"""The blocks that hold the text that is asked about."""
