"""Plugins that count users over time."""

from __future__ import annotations

__all__: list[str] = []
