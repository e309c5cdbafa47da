"""Takes the pictures of plots.md, light and dark, from the code that stands there.

    python docs/pictures.py [NAME ...]

A block marked ```python NAME is run, and the figure that its last line gives is taken by the browser of this machine.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).resolve().parent
WIDTH: Final = 860
MOST_BYTES: Final = 60_000
_BLOCK: Final = re.compile(r"^```python ?(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def figures(page: str) -> Iterator[tuple[str, Any]]:
    """Each named block of a page with what its last expression gives; all blocks share their variables."""
    known: dict[str, Any] = {}
    for name, code in _BLOCK.findall(page):
        tree = ast.parse(code)
        last = tree.body.pop() if name else None
        exec(compile(tree, name or "page", "exec"), known)  # noqa: S102  (the page's own examples)
        if isinstance(last, ast.Expr):
            yield name, eval(compile(ast.Expression(last.value), name, "eval"), known)  # noqa: S307


def small(png: bytes) -> bytes:
    """The picture with as many colours as keep it under 60 kB."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (96, 48, 24, 12):
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


def with_pictures(page: str) -> str:
    """The page with a picture below each named block."""
    plain = re.sub(r"\n<picture>.*?</picture>\n", "", page, flags=re.DOTALL)

    def below(match: re.Match[str]) -> str:
        name = match[1]
        if not name:
            return match[0]
        dark = f'<source media="(prefers-color-scheme: dark)" srcset="pictures/{name}-dark.png">'
        return f'{match[0]}\n\n<picture>{dark}<img src="pictures/{name}.png" alt="{name}"></picture>'

    return _BLOCK.sub(below, plain)


def main(names: list[str]) -> None:
    page = HERE / "plots.md"
    folder = HERE / "pictures"
    folder.mkdir(exist_ok=True)
    schemes: tuple[tuple[str, Literal["light", "dark"]], ...] = (("", "light"), ("-dark", "dark"))
    for name, figure in figures(page.read_text("utf-8")):
        if names and name not in names:
            continue
        for suffix, scheme in schemes:
            data = small(figure.to_png(width=WIDTH, scheme=scheme))
            (folder / f"{name}{suffix}.png").write_bytes(data)
            sys.stdout.write(f"{name}{suffix}.png {len(data) / 1000:.0f} kB\n")
    page.write_text(with_pictures(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
