"""Test cases as Markdown: a heading names a case, its fenced blocks are the input and what is expected.

    # a case

    ```kql
    T | where Acc┃
    ```

    ```result
    ...
    ```

`cases(folder)` gives them as pytest parameters; `Case.check(name, actual, update=...)` compares a block and, with
`--update-cases`, rewrites it in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CURSOR = "┃"
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    """One heading of a file with its blocks; a block kind stands once a case."""

    path: Path
    title: str
    blocks: dict[str, str]

    def cursor(self, block: str = "kql") -> tuple[str, int]:
        """The text of a block without its cursor, and the offset of the cursor."""
        text = self.blocks[block]
        return text.replace(CURSOR, ""), text.index(CURSOR)

    def check(self, block: str, actual: str, *, update: bool = False) -> None:
        """Compare a block with what came out."""
        actual = actual if actual.endswith("\n") else actual + "\n"
        if update and self.blocks.get(block) != actual:
            self._rewrite(block, actual)
            return
        assert self.blocks.get(block, "") == actual

    def _rewrite(self, block: str, actual: str) -> None:
        text = self.path.read_text("utf-8")
        start = re.search(rf"^#+ {re.escape(self.title)}$", text, re.MULTILINE)
        assert start is not None
        following = _HEADING.search(text, start.end())
        end = following.start() if following else len(text)
        part = text[start.end() : end]
        new = f"```{block}\n{actual}```"
        pattern = re.compile(rf"^```{block}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
        found = pattern.search(part)
        part = part[: found.start()] + new + part[found.end() :] if found else f"{part.rstrip()}\n\n{new}\n\n"
        self.path.write_text(text[: start.end()] + part + text[end:], "utf-8")


def read_cases(path: Path) -> list[Case]:
    """All cases of one file."""
    text = path.read_text("utf-8")
    masked = _BLOCK.sub(lambda match: re.sub(r"^#", " ", match[0], flags=re.MULTILINE), text)
    headings = list(_HEADING.finditer(masked))
    found = []
    for index, heading in enumerate(headings):
        end = headings[index + 1].start() if index + 1 < len(headings) else len(text)
        blocks = {block[1]: block[2] for block in _BLOCK.finditer(text[heading.end() : end])}
        if blocks:
            found.append(Case(path, heading[1], blocks))
    return found


def cases(folder: Path) -> list:  # a list of pytest parameters
    """All cases below a folder, each named by its file and heading."""
    return [
        pytest.param(case, id=f"{path.stem}: {case.title}")
        for path in sorted(folder.rglob("*.md"))
        for case in read_cases(path)
    ]
