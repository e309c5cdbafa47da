"""Plugins that find patterns: what Python does over the rows."""

from __future__ import annotations

__all__: list[str] = []
