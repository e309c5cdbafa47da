"""The Tor project's list of exit nodes: traffic from them could be anyone's. check.torproject.org."""

from __future__ import annotations

from typing import Any

from huntlens.enrich.service import IP, Ask, Observable, Service, Verdict

__all__ = ["SERVICE"]


def _ask(_: Observable) -> Ask:
    return Ask("/torbulkexitlist")


def _read(answer: Any, item: Observable) -> Verdict | None:
    listed = item.value in answer.split()
    return Verdict("medium", {"exit node": True}, "https://metrics.torproject.org/rs.html") if listed else None


SERVICE = Service("Tor exit nodes", "https://check.torproject.org", IP, _ask, _read, needs=(), is_list=True)
