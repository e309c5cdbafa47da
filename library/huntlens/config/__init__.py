"""Settings: every option once, where each value came from, and secrets that do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens._lazy import lazy

if TYPE_CHECKING:
    from huntlens.config.options import OPTIONS as OPTIONS
    from huntlens.config.options import Option as Option
    from huntlens.config.secrets import Secret as Secret
    from huntlens.config.settings import Settings as Settings

__getattr__, __dir__ = lazy(
    __name__,
    {
        "OPTIONS": "huntlens.config.options:OPTIONS",
        "Option": "huntlens.config.options:Option",
        "Secret": "huntlens.config.secrets:Secret",
        "Settings": "huntlens.config.settings:Settings",
    },
)
