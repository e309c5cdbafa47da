"""Pulsedive: risk, threats and feeds of an indicator. pulsedive.com/api."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from huntlens.enrich.service import IP, Ask, Observable, Service, Severity, Verdict, facts

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SERVICE"]

_SEVERITIES: Final[Mapping[str, Severity]] = {
    "critical": "high", "high": "high", "medium": "medium", "low": "low", "none": "none",
}  # fmt: skip


def _ask(item: Observable) -> Ask:
    return Ask("/api/info.php", parameters={"indicator": item.value})


def _read(answer: Any, item: Observable) -> Verdict | None:
    if "error" in answer:
        return None
    details = {
        **facts(answer, risk="risk", last="stamp_seen"),
        "threats": [one["name"] for one in answer.get("threats") or ()],
        "feeds": [one["name"] for one in answer.get("feeds") or ()],
    }
    severity = _SEVERITIES.get(str(answer.get("risk", "")), "unknown")
    link = f"https://pulsedive.com/indicator/?indicator={quote(item.value, safe='')}"
    return Verdict(severity, {key: value for key, value in details.items() if value}, link)


SERVICE = Service(
    "Pulsedive", "https://pulsedive.com", (*IP, "domain", "url"), _ask, _read,
    headers=lambda account: {"X-API-Key": account["key"]}, calls=30, per_s=60,
)  # fmt: skip
