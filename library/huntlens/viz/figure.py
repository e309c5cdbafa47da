"""A figure that can be put anywhere: in a notebook, on a page of its own, into a picture.

Bokeh's own `show()` and `file_html()` put data into scripts, where a `</script>` in a log line ends them.
Here the figure is inert JSON with every `<` escaped, and a constant script draws it; nothing is fetched from anywhere.
"""

from __future__ import annotations

import base64
import gzip
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import bokeh
from bokeh.embed import json_item

from huntlens.errors import ConfigError
from huntlens.viz import text as texts
from huntlens.viz import theme
from huntlens.viz.delivery import DELIVERY

Scheme = Literal["auto", "light", "dark"]

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge", "microsoft-edge")
_MARGIN: Final = 8
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:"
)


@dataclass(frozen=True, slots=True, repr=False)
class Figure:
    """A drawn figure: Bokeh's JSON, a title, and a sentence that says what can be seen for those who cannot.

    A figure that is no Bokeh plot brings its own `fragment` of HTML, made of escaped text and constant scripts.
    """

    item: dict[str, Any]
    title: str
    summary: str
    height: int
    fragment: str = ""

    @classmethod
    def of(cls, model: Any, *, title: str, summary: str, height: int) -> Figure:
        """A figure of a Bokeh model; whatever text of the data is in it has been through `text.show`."""
        return cls(json_item(model), texts.visible(title), texts.visible(summary), height)

    def embed(self, *, library: bool = True, scheme: Scheme = "auto") -> str:
        """A fragment for a notebook output; without `library`, an earlier output must have brought BokehJS."""
        if self.fragment:
            return self.fragment
        return "".join(
            [
                f"<script>{_loader()}</script>" if library else "",
                f'<div class="huntlens-plot" data-huntlens-plot="{scheme}" data-version="{bokeh.__version__}" ',
                f'data-height="{self.height}" role="figure" aria-label="{texts.escape(self.title)}">',
                f'<div class="hl-view">{texts.escape(self.summary)}</div>',
                f'<script type="application/json">{texts.page_json(self.item)}</script></div>',
                f"<script>{_drawer()}</script>",
            ]
        )

    def to_html(self, *, scheme: Scheme = "auto") -> str:
        """A whole page that works without a network."""
        return page(self.title, self.embed(scheme=scheme), scheme=scheme)

    def save(self, path: str | Path) -> Path:
        """Write a page, or a picture where the name ends in `.png`."""
        path = Path(path)
        if path.suffix.lower() == ".png":
            path.write_bytes(self.to_png())
        else:
            path.write_text(self.to_html(), "utf-8")
        return path

    def to_png(self, *, width: int = 1100, scheme: Scheme = "light") -> bytes:
        """A picture, taken by the Chromium or Chrome of this machine."""
        return picture(self.to_html(scheme=scheme), width=width, height=self.height + 2 * _MARGIN)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002  (IPython's signature)
        library = not self.fragment and DELIVERY.carries_library()
        return {"text/plain": self.summary, "text/html": self.embed(library=library)}

    def __repr__(self) -> str:
        return f"<Figure {self.title!r}: {self.summary}>"


def page(title: str, body: str, *, scheme: Scheme = "auto") -> str:
    """A page around fragments; its policy forbids the browser to fetch anything."""
    light, dark = theme.LIGHT, theme.DARK
    schemes = {"auto": "light dark", "light": "light", "dark": "dark"}[scheme]
    style = (
        f":root{{color-scheme:{schemes}}}body{{margin:{_MARGIN}px;font:14px/1.5 system-ui,sans-serif;"
        f"background:light-dark({light.surface},{dark.surface});color:light-dark({light.text},{dark.text})}}"
        "[class^=huntlens-]{color-scheme:inherit!important}"
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{texts.escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head><body>{body}</body></html>\n'
    )


def picture(html: str, *, width: int, height: int) -> bytes:
    """A picture of a page, as the browser of this machine draws it."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise ConfigError(
            "a picture is taken by Chromium or Chrome, and neither is on the PATH; to_html() needs nothing"
        )
    with tempfile.TemporaryDirectory(prefix="huntlens-") as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.png")
        source.write_text(html, "utf-8")
        command = [
            found, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={folder}/profile", "--virtual-time-budget=15000",
            f"--window-size={width},{height}", f"--screenshot={target}", source.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)  # noqa: S603  (a fixed command)
        if not target.exists():
            message = f"{Path(found).name} took no picture: {done.stderr.decode(errors='replace')[-200:]}"
            raise ConfigError(message)
        return target.read_bytes()


@cache
def _loader() -> str:
    """The script that unpacks BokehJS once a page."""
    path = resources.files("bokeh") / "server" / "static" / "js" / "bokeh.min.js"
    packed = base64.b64encode(gzip.compress(path.read_bytes(), 9, mtime=0)).decode()
    return texts.asset("bokeh_loader.js", version=bokeh.__version__, packed=packed)


@cache
def _drawer() -> str:
    light, dark = (texts.page_json(theme.attributes(ink)) for ink in (theme.LIGHT, theme.DARK))
    return texts.asset(
        "plot.js", light=light, dark=dark, tag=theme.INK_TAG, lightink=theme.LIGHT.text, darkink=theme.DARK.text,
        swap=texts.page_json(theme.ON_DARK),
    )  # fmt: skip
