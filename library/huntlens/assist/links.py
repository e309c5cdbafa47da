"""What in a text can be opened: addresses, and techniques of ATT&CK by their numbers.

>>> [link.target for link in links("techniques: [T1059.001]  # see https://example.org/a.")]
['https://attack.mitre.org/techniques/T1059/001', 'https://example.org/a']
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ADDRESS: Final = r"https?://[^\s\"'<>()\[\]{}|\\^`]+[\w/#=&-]"
_FOUND: Final = re.compile(rf"(?P<address>{_ADDRESS})|\b(?P<technique>T\d{{4}})(?:\.(?P<part>\d{{3}}))?\b")


class Link(NamedTuple):
    """A stretch of text, and the address that it stands for."""

    start: int
    end: int
    target: str
    doc: str = ""


def links(text: str) -> list[Link]:
    """All links of a text, in order."""
    found = []
    for match in _FOUND.finditer(text):
        if match["address"]:
            found.append(Link(match.start(), match.end(), match["address"]))
        else:
            technique = match["technique"] + (f"/{match['part']}" if match["part"] else "")
            target = f"https://attack.mitre.org/techniques/{technique}"
            found.append(Link(match.start(), match.end(), target, f"ATT&CK {match[0]}"))
    return found
