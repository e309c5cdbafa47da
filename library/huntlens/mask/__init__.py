"""Data that can be shown: names, addresses and ids replaced, the same one by the same one under a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens._lazy import lazy

if TYPE_CHECKING:
    from huntlens.mask.mask import Masker, mask, remains

# `mask` is a submodule that can be called.
PUBLIC = {
    "Masker": "huntlens.mask.mask:Masker",
    "mask": "huntlens.mask.mask",
    "remains": "huntlens.mask.mask:remains",
}

__getattr__, __dir__ = lazy(__name__, PUBLIC)

__all__ = ["Masker", "mask", "remains"]
