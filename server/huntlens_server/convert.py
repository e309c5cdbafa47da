"""Values of the library to words of the protocol, and back; nothing else does that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lsprotocol import types as lsp

from huntlens.text import Position, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
    from huntlens.kql.edit.values import (
        Completion,
        Hover,
        InlayHint,
        Location,
        SemanticToken,
        SignatureHelp,
        Symbol,
    )
    from huntlens.text import Encoding
    from huntlens_server.texts import OpenText

SOURCE: Final = "huntlens"
TOKEN_TYPES: Final = (
    "keyword", "operator", "function", "class", "property", "variable", "parameter", "string", "number", "comment",
    "type", "namespace", "macro", "enumMember",
)  # fmt: skip
_TOKEN_OF: Final = {
    "table": "class", "column": "property", "aggregate": "function", "plugin": "function", "option": "enumMember",
    "literal": "number", "datetime": "number", "timespan": "number", "bool": "keyword", "let": "variable",
    "punctuation": "operator",
}  # fmt: skip
_KINDS: Final = {
    "table": lsp.CompletionItemKind.Class,
    "column": lsp.CompletionItemKind.Field,
    "function": lsp.CompletionItemKind.Function,
    "aggregate": lsp.CompletionItemKind.Function,
    "plugin": lsp.CompletionItemKind.Module,
    "operator": lsp.CompletionItemKind.Keyword,
    "keyword": lsp.CompletionItemKind.Keyword,
    "variable": lsp.CompletionItemKind.Variable,
    "parameter": lsp.CompletionItemKind.Property,
    "value": lsp.CompletionItemKind.Value,
    "type": lsp.CompletionItemKind.TypeParameter,
    "snippet": lsp.CompletionItemKind.Snippet,
    "query": lsp.CompletionItemKind.Method,
    "group": lsp.CompletionItemKind.Module,
    "entity": lsp.CompletionItemKind.Class,
    "attribute": lsp.CompletionItemKind.Field,
    "pivot": lsp.CompletionItemKind.Method,
    "magic": lsp.CompletionItemKind.Keyword,
    "option": lsp.CompletionItemKind.EnumMember,
    "connection": lsp.CompletionItemKind.Interface,
    "file": lsp.CompletionItemKind.File,
}
_COMMIT: Final = {"query": ["("], "pivot": ["("], "function": ["("], "aggregate": ["("], "group": ["."]}
_SEVERITIES: Final = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "information": lsp.DiagnosticSeverity.Information,
    "hint": lsp.DiagnosticSeverity.Hint,
}
_SYMBOLS: Final = {
    "query": lsp.SymbolKind.Function,
    "parameter": lsp.SymbolKind.Variable,
    "let": lsp.SymbolKind.Variable,
    "variable": lsp.SymbolKind.Variable,
    "function": lsp.SymbolKind.Function,
    "statement": lsp.SymbolKind.Event,
    "table": lsp.SymbolKind.Class,
    "operator": lsp.SymbolKind.Operator,
    "pack": lsp.SymbolKind.Package,
}


_MARKS: Final = re.compile(r"^```.*\n?|\*\*|`|\\([^\w\s])", re.MULTILINE)


class Taken(NamedTuple):
    """What of an offer the client takes."""

    snippets: bool
    commits: bool
    markdown: bool

    @classmethod
    def of(cls, capabilities: lsp.ClientCapabilities) -> Taken:
        """As a client says it."""
        item = get(capabilities, "text_document", "completion", "completion_item")
        formats = get(item, "documentation_format")
        return cls(
            bool(get(item, "snippet_support")), bool(get(item, "commit_characters_support")), shows_markdown(formats)
        )


@dataclass(frozen=True)
class Converter:
    """Places of one text, in the columns that the client counts."""

    text: OpenText
    encoding: Encoding
    markdown: bool = True
    """Whether the client shows Markdown."""

    def offset(self, position: lsp.Position) -> int:
        """The offset of a position."""
        return self.text.index.offset(Position(position.line, position.character), self.encoding)

    def span(self, given: lsp.Range) -> Span:
        """The span of a range."""
        return Span(self.offset(given.start), self.offset(given.end))

    def position(self, offset: int) -> lsp.Position:
        """The position of an offset."""
        return lsp.Position(*self.text.index.position(offset, self.encoding))

    def range(self, start: int, end: int) -> lsp.Range:
        """The range of a span."""
        return lsp.Range(self.position(start), self.position(end))

    def hover(self, found: Hover) -> lsp.Hover:
        """A hover."""
        return lsp.Hover(markup(found.markdown, markdown=self.markdown), self.range(found.start, found.end))

    def diagnostic(self, found: Diagnostic) -> lsp.Diagnostic:
        """A finding, its fixes as data for the request that asks for them."""
        return lsp.Diagnostic(
            range=self.range(found.start, found.end),
            message=found.message,
            severity=_SEVERITIES[found.severity],
            code=found.code,
            source=SOURCE,
            data={"name": found.name},
        )

    def edits(self, edits: Iterable[Edit]) -> list[lsp.TextEdit]:
        """Edits of the text."""
        return [lsp.TextEdit(self.range(edit.start, edit.end), edit.text) for edit in edits]

    def workspace_edit(self, edits: Iterable[Edit]) -> lsp.WorkspaceEdit:
        """Edits of the text as a change of the workspace."""
        return lsp.WorkspaceEdit(changes={self.text.uri: self.edits(edits)})

    def action(self, fix: Fix, found: Diagnostic | None = None, *, preferred: bool = False) -> lsp.CodeAction:
        """A fix, for a finding or on its own."""
        return lsp.CodeAction(
            title=fix.title,
            kind=lsp.CodeActionKind.QuickFix if found else lsp.CodeActionKind.RefactorRewrite,
            diagnostics=[self.diagnostic(found)] if found else None,
            is_preferred=preferred or None,
            edit=self.workspace_edit(fix.edits),
        )

    def locations(self, found: Iterable[Location]) -> list[lsp.Location]:
        """Places in the text itself or in files."""
        return [self.location(one) for one in found]

    def location(self, found: Location) -> lsp.Location:
        """A place in the text itself or a line of a file."""
        if not found.path:
            return lsp.Location(self.text.uri, self.range(found.start, found.end))
        start = lsp.Position(found.line, 0)
        return lsp.Location(Path(found.path).absolute().as_uri(), lsp.Range(start, start))

    def symbols(self, found: Iterable[Symbol]) -> list[lsp.DocumentSymbol]:
        """An outline."""
        return [
            lsp.DocumentSymbol(
                name=one.name or "(unnamed)",
                detail=one.detail or None,
                kind=_SYMBOLS.get(one.kind, lsp.SymbolKind.Variable),
                range=self.range(one.start, one.end),
                selection_range=self.range(one.start, one.end),
                children=self.symbols(one.children) or None,
            )
            for one in found
        ]

    def folds(self, spans: Iterable[Span]) -> list[lsp.FoldingRange]:
        """Foldable lines."""
        found = [(self.position(start).line, self.position(end).line) for start, end in spans]
        return [lsp.FoldingRange(first, last) for first, last in found if last > first]

    def hints(self, found: Iterable[InlayHint]) -> list[lsp.InlayHint]:
        """Remarks within the text."""
        return [lsp.InlayHint(self.position(one.offset), one.label, tooltip=one.doc or None) for one in found]

    def tokens(self, found: Sequence[SemanticToken]) -> lsp.SemanticTokens:
        """Coloured stretches as the protocol packs them; stretches over several lines are cut at line ends."""
        data: list[int] = []
        line, column = 0, 0
        for token in sorted(found, key=lambda one: one.start):
            kind = _TOKEN_OF.get(token.kind, token.kind)
            if kind not in TOKEN_TYPES:
                continue
            for start, end in self._lines(token.start, token.end):
                first, last = self.position(start), self.position(end)
                step = first.character - column if first.line == line else first.character
                data += [first.line - line, step, last.character - first.character, TOKEN_TYPES.index(kind), 0]
                line, column = first.line, first.character
        return lsp.SemanticTokens(data)

    def _lines(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        index = self.text.index
        first, last = index.position(start, "utf-32").line, index.position(end, "utf-32").line
        for number in range(first, last + 1):
            span = index.line_span(number)
            low, high = max(start, span.start), min(end, span.end)
            if high > low:
                yield low, high


def completion(found: Completion, where: Converter, client: Taken, *, key: str, rank: int) -> lsp.CompletionItem:
    """One offer; `key` tells what its documentation is to be asked for with."""
    edit = found.insert or found.label
    replaced = where.range(found.start, found.end) if found.start >= 0 else None
    return lsp.CompletionItem(
        label=found.label,
        kind=_KINDS[found.kind],
        detail=found.detail or None,
        documentation=markup(found.doc, markdown=client.markdown) if found.doc else None,
        sort_text=f"{rank:04}",
        filter_text=edit if found.kind == "magic" else None,
        insert_text_format=lsp.InsertTextFormat.Snippet if found.snippet and client.snippets else None,
        text_edit=lsp.TextEdit(replaced, edit) if replaced else None,
        insert_text=None if replaced else edit,
        tags=[lsp.CompletionItemTag.Deprecated] if found.deprecated else None,
        commit_characters=_COMMIT.get(found.kind) if client.commits else None,
        data={"key": key, "kind": found.kind} if key else None,
    )


def signature_help(found: SignatureHelp, *, markdown: bool) -> lsp.SignatureHelp:
    """A signature; parameters as spans of the label, which the protocol counts in UTF-16."""
    parameters = [
        lsp.ParameterInformation(
            label=(_utf16(found.label[: one.start]), _utf16(found.label[: one.end])),
            documentation=markup(one.doc, markdown=markdown) if one.doc else None,
        )
        for one in found.parameters
    ]
    active = found.active if 0 <= found.active < len(parameters) else None
    return lsp.SignatureHelp(
        signatures=[
            lsp.SignatureInformation(
                found.label, markup(found.doc, markdown=markdown) if found.doc else None, parameters, active
            )
        ],
        active_signature=0,
        active_parameter=active,
    )


def markup(text: str, *, markdown: bool) -> lsp.MarkupContent | str:
    """A text in Markdown, or without its marks for clients that show it as it is."""
    return lsp.MarkupContent(lsp.MarkupKind.Markdown, text) if markdown else _MARKS.sub(r"\1", text)


def shows_markdown(formats: Sequence[lsp.MarkupKind] | None) -> bool:
    """Whether a client that names these formats shows Markdown."""
    return lsp.MarkupKind.Markdown in (formats or ())


def get(capabilities: Any, *names: str) -> Any:
    """A capability of the client by path; None where it has none."""
    for name in names:
        capabilities = getattr(capabilities, name, None)
        if capabilities is None:
            return None
    return capabilities


def _utf16(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)
