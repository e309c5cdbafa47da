"""Defanged text (`hxxps://evil[.]example`) and what it stands for, with the way back to where things stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

MARKS: Final = r"(?i)\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[:\]|\[:?//\]|\[@\]|\[at\]|\(at\)|h(?:xx|xt|tx)ps?\[?:"
"""What a defanged text holds, for RE2."""
_REFANG: Final = re.compile(
    r"(?P<dot>\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\))|(?P<at>\[@\]|\[at\]|\(at\))|(?P<colon>\[:\])|(?P<slashes>\[:?//\])"
    r"|(?P<scheme>\bh(?:xx|xt|tx)p(?P<s>s?)(?=\[?:))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Refanged:
    """A text with its defanging undone, and for each changed place where it was."""

    text: str
    places: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def origin(self, offset: int) -> int:
        """The offset in the given text of an offset in this one."""
        index = bisect_right(self.places, offset) - 1
        return offset if index < 0 else offset + self.shifts[index]


def refanged(text: str) -> Refanged:
    """A text with its defanging undone.

    >>> refanged("hxxps://evil[.]example/a").text
    'https://evil.example/a'
    """
    pieces: list[str] = []
    places: list[int] = []
    shifts: list[int] = []
    last = shift = length = 0
    for match in _REFANG.finditer(text):
        new = _plain(match)
        pieces += (text[last : match.start()], new)
        length += match.start() - last + len(new)
        last = match.end()
        shift += len(match[0]) - len(new)
        places.append(length)
        shifts.append(shift)
    return Refanged("".join(pieces) + text[last:], tuple(places), tuple(shifts)) if pieces else Refanged(text)


def _plain(match: re.Match[str]) -> str:
    if match["scheme"]:
        return "http" + match["s"].lower()
    return {"dot": ".", "at": "@", "colon": ":", "slashes": "://" if ":" in match[0] else "//"}[str(match.lastgroup)]
