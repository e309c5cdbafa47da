"""`.vscode/tasks.json`: the queries that `huntlens query` runs there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from huntlens.assist import cells, kql_text
from huntlens.assist.bound_names import Where
from huntlens.assist.context import is_entity
from huntlens.assist.meaning import code_of
from huntlens.assist.task_file import Command, commands
from huntlens_server.document import Document

if TYPE_CHECKING:
    from huntlens.assist.embedded import Embedded
    from huntlens.assist.meaning import Code
    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.edit.values import Completion, Hover, Location, SemanticToken

__all__ = ["TasksDocument"]

FILE: Final = ".vscode/tasks.json"


@dataclass(frozen=True)
class TasksDocument(Document):
    """The commands of a file of tasks."""

    @cached_property
    def _commands(self) -> list[tuple[Command, Code]]:
        found = list(commands(self.open.text))
        return [(one, code_of([one.text if one.named else ""], is_entity, self.context.session)) for one in found]

    def complete(self, offset: int, /) -> list[Completion]:
        command = self._at(offset)
        if command is None:
            return []
        one, code, inner = command
        if not one.named:
            return kql_text.complete(one.embedded, offset, self.context)
        offers = cells.complete(code, Where(0, inner), self.context)
        return one.embedded.completions(offer for offer in offers if offer.kind != "option")

    def hover(self, offset: int, /) -> Hover | None:
        command = self._at(offset)
        if command is None:
            return None
        one, code, inner = command
        if not one.named:
            return kql_text.hover(one.embedded, offset, self.context)
        return one.embedded.hover(cells.hover(code, Where(0, inner), self.context))

    def definition(self, offset: int, /) -> list[Location]:
        command = self._at(offset)
        if command is None:
            return []
        one, code, inner = command
        if not one.named:
            return kql_text.definition(one.embedded, offset, self.context)
        return one.embedded.locations(cells.definition(code, Where(0, inner), self.context))

    def check(self) -> list[Diagnostic]:
        found: list[Diagnostic] = []
        for one, code in self._commands:
            if one.named:
                found += one.embedded.diagnostics(cells.check(code, 0, self.context))
            else:
                found += kql_text.check(one.embedded, self.context)
        return found

    def tokens(self) -> list[SemanticToken]:
        return [
            token for one, _ in self._commands if not one.named for token in kql_text.tokens(one.embedded, self.context)
        ]

    def _at(self, offset: int) -> tuple[Command, Code, int] | None:
        for one, code in self._commands:
            inner = _inner(one.embedded, offset)
            if inner is not None:
                return one, code, inner
        return None


def _inner(embedded: Embedded, offset: int) -> int | None:
    """The inner offset where a piece holds the outer one."""
    for piece in embedded.pieces:
        if piece.outer <= offset <= piece.outer + piece.length:
            return piece.inner + offset - piece.outer
    return None
