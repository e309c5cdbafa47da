"""Whether two engines give the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens.errors import HuntlensError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.providers import Result


def compared(here: Callable[[], Result], there: Callable[[], Result], *, ordered: bool = False) -> str:
    """`same`, `refused: why` where the second cannot, `` where the first cannot, else both answers."""
    try:
        left = here()
    except HuntlensError:
        return ""
    try:
        right = there()
    except UnsupportedError as error:
        return f"refused: {error}"
    except HuntlensError as error:
        return f"error: {error}"
    want, got = (_shown(result, ordered=ordered) for result in (left, right))
    return "same" if want == got else f"{want}\n{got}"


def _shown(result: Result, *, ordered: bool) -> tuple[dict[str, str], list[str]]:
    rows = [repr(_plain(row)) for row in result.rows]
    return dict(result.types), rows if ordered else sorted(rows)


def _plain(value: Any) -> Any:
    """Numbers to nine digits: sums of reals differ in the last ones."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value
