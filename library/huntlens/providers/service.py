"""What services over HTTP have in common: asking, telling of it, and what their errors say about a query."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from huntlens.config import Settings
from huntlens.errors import KqlError
from huntlens.http import AnswerError, Client
from huntlens.kql.diagnostics import Diagnostic
from huntlens.text import LineIndex, Position, size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from requests.adapters import BaseAdapter

    from huntlens.http import RateLimit, Revealing
    from huntlens.providers.source import Cancel
    from huntlens.timespan import TimeRange

_ABOUT_TEXT: Final = frozenset({"SemanticError", "SyntaxError", "General_BadRequest", "BadRequest"})
_PLACES: Final = (
    re.compile(r"Line: (\d+)\s+Position: (\d+)"),
    re.compile(r"line:position=(\d+):(\d+)"),
    re.compile(r"on line \[(\d+),(\d+)\]"),
)
"""How the messages of Kusto name a place where no field does."""

LONGEST_S: Final = 660.0
"""A little more than any of the services lets a query run; the time limit of the query itself comes first."""


def client(
    base: str,
    *,
    auth: Callable[[], Mapping[str, str]] | None = None,
    headers: Revealing | None = None,
    limit: RateLimit | None = None,
    timeout_s: float = LONGEST_S,
    settings: Settings | None = None,
    transport: BaseAdapter | None = None,
) -> Client:
    """A client as the settings of `http` want it."""
    settings = settings if settings is not None else Settings.load()
    return Client(
        base,
        auth=auth,
        headers=headers,
        limit=limit,
        timeout_s=timeout_s,
        transport=transport,
        retries=settings.get("http.retries"),
        verify=settings.get("http.ca_bundle") or True,
        proxy=settings.get("http.proxy") or "",
    )


def ask(
    http: Client, method: str, path: str, cancel: Cancel, *, text: str = "", heard: Heard | None = None, **request: Any
) -> Any:
    """The JSON of an answer; `cancel` ends it, and is told the bytes. Errors about the query become `KqlError`.

    `heard` goes from page to page of one answer.
    """
    heard = heard or Heard(cancel)
    with cancel.hook(http.stop):
        try:
            return http.json(method, path, heard=heard, **request)
        except AnswerError as error:
            raise in_query(error, text) from error


class Heard:
    """Counts what has come in, and says so beside the time.

    >>> from huntlens.providers.source import Cancel
    >>> cancel = Cancel()
    >>> Heard(cancel)(2_500_000)
    >>> cancel.told
    '2.5 MB'
    """

    def __init__(self, cancel: Cancel) -> None:
        self._cancel, self.bytes, self.rows = cancel, 0, 0

    def __call__(self, size: int, rows: int = 0) -> None:
        """Add bytes and rows that came in."""
        self.bytes += size
        self.rows += rows
        parts = [f"{self.rows:,} rows"] if self.rows else []
        self._cancel.told = " · ".join([*parts, size_text(self.bytes)])


def interval(span: TimeRange) -> str:
    """A time range as ISO 8601 has it."""
    return f"{span.start.isoformat()}Z/{span.end.isoformat()}Z"


def in_query(error: AnswerError, text: str) -> AnswerError | KqlError:
    """The service's error about the text, with its place there; the error itself where it is about something else."""
    found = next((item for item in _inner(error.body) if _is_about_text(item)), None)
    if found is None:
        return error
    message = str(found.get("@message") or found.get("message") or error)
    place = _place(found, text)
    if place is None:
        return KqlError(message, text)
    start, end, shown = place
    diagnostic = Diagnostic(str(found.get("code", "")), "service", "error", start, end, message)
    return KqlError(f"{shown}: {message}", text, [diagnostic])


def _inner(body: Any) -> Iterator[Mapping[str, Any]]:
    """The errors in an answer, the innermost first: that one says what is wrong."""
    error = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(error, dict):
        yield from _inner(error.get("innererror"))
        yield error


def _is_about_text(error: Mapping[str, Any]) -> bool:
    code = str(error.get("code", ""))
    return code.startswith(("SEM", "SYN")) or code in _ABOUT_TEXT


def _place(error: Mapping[str, Any], text: str) -> tuple[int, int, str] | None:
    """Start, end and words for the place that an error names, lines and positions counted from one."""
    line, column = error.get("line"), error.get("pos")
    if not (isinstance(line, int) and isinstance(column, int)):
        message = f"{error.get('@message', '')} {error.get('message', '')}"
        named = next((found for place in _PLACES if (found := place.search(message))), None)
        line, column = (int(named[1]), int(named[2])) if named is not None else (0, 0)
    if line < 1:
        return None
    start = LineIndex(text).offset(Position(line - 1, max(column - 1, 0)), "utf-32")
    token = str(error.get("token", ""))
    length = len(token) if token and text.startswith(token, start) else 1
    return start, min(start + length, len(text)), f"line {line}, column {max(column, 1)}"
