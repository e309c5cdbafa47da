"""Errors as a hunter wants them: what is wrong, where in the text, what to do; the traceback only when asked for."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from huntlens.errors import HuntlensError, KqlError
from huntlens.kql.diagnostics import Diagnostic
from huntlens.text import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from huntlens.assist.magic_line import MagicSpec
    from huntlens_kernel.session import Session

MOST: Final = 5
_WIDTH: Final = 100
_MORE: Final = "%hunt traceback shows where it came from"


class HuntError(Exception):
    """An error whose message is all that is shown; `__cause__` is what happened."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = [visible(line) for line in lines]
        super().__init__("\n".join(self.lines))

    def _render_traceback_(self) -> list[str]:
        return self.lines


class HuntInterrupt(KeyboardInterrupt):
    """A query that was cancelled on purpose."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@contextmanager
def quiet(session: Session, *, first_line: int = 1) -> Iterator[None]:
    """Within the block, errors made on purpose are shown as their message; all others are bugs and show themselves."""
    try:
        yield
    except HuntError as error:
        session.last_error = error
        raise
    except KqlError as error:
        session.last_error = error
        raise HuntError(kql_lines(error, first_line=first_line)) from error
    except (HuntlensError, OSError) as error:
        session.last_error = error
        raise HuntError([_message(error), _MORE]) from error
    except KeyboardInterrupt as error:
        raise HuntInterrupt(visible(str(error)) or "cancelled") from None


def kql_lines(error: KqlError, *, first_line: int = 1) -> list[str]:
    """A query's findings, each with its place; what is no error is left out where there are errors."""
    found = [one for one in error.diagnostics if isinstance(one, Diagnostic)]
    chosen = [one for one in found if one.severity == "error"] or found
    if not chosen:
        return [_message(error), _MORE]
    lines = [line for one in chosen[:MOST] for line in finding(error.text, one, first_line=first_line)]
    return [*lines, *([f"… and {len(chosen) - MOST} more"] if len(chosen) > MOST else [])]


def finding(text: str, found: Diagnostic, *, first_line: int = 1) -> list[str]:
    """A finding as lines: its wording, the line of the text with a mark under the place, its mends."""
    index = LineIndex(text)
    place = index.position(found.start, "utf-32")
    span = index.line_span(place.line)
    line = visible(span.of(text)).replace("\t", " ")
    before = len(visible(text[span.start : found.start]))
    length = max(1, len(visible(text[found.start : min(found.end, span.end)])))
    cut = max(0, before - _WIDTH // 2)
    shown = ("…" if cut else "") + line[cut : cut + _WIDTH] + ("…" if len(line) > cut + _WIDTH else "")
    column = before - cut + bool(cut)
    number = str(place.line + first_line)
    gutter = " " * len(number)
    marks = "^" * min(length, max(1, len(shown) - column))
    return [
        f"{found.code} {found.name}: {visible(found.message)}",
        f"  {number} │ {shown}",
        f"  {gutter} │ {' ' * column}{marks}",
        *(f"  {gutter} ╰ {visible(fix.title)}" for fix in found.fixes[:3]),
    ]


def problem_of_line(spec: MagicSpec, text: str, found: Sequence[Diagnostic], *, is_cell: bool) -> HuntError:
    """The findings about a magic's own line, and how it is written."""
    written = f"%{'%' * is_cell}{spec.name} {text}".rstrip()
    shift = len(written) - len(text.rstrip()) if text.strip() else len(written)
    lines = []
    for one in found[:MOST]:
        moved = _moved(one, shift)
        lines += finding(written, moved)
    return HuntError([*lines, f"usage: {spec.usage}"])


def _moved(found: Diagnostic, shift: int) -> Diagnostic:
    return replace(found, start=found.start + shift, end=found.end + shift)


def tell(text: str) -> None:
    """Write a line for the user under the cell."""
    sys.stdout.write(f"{text}\n")


def visible(text: str) -> str:
    """The text without anything that a terminal would obey or hide."""
    return "".join(char if _is_plain(char) else f"‹U+{ord(char):04X}›" for char in text)


def _is_plain(char: str) -> bool:
    return char in "\n\t" or (char.isprintable() and char not in "\u200b\u200c\u200d\ufeff")


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}{f': {error.filename}' if error.filename else ''}"
    return f"{type(error).__name__}: {error}"
