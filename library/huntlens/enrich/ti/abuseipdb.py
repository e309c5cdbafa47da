"""AbuseIPDB: addresses that were reported for attacks. docs.abuseipdb.com."""

from __future__ import annotations

from typing import Any

from huntlens.enrich.service import IP, Ask, Observable, Service, Verdict, facts, graded

__all__ = ["SERVICE"]


def _ask(item: Observable) -> Ask:
    return Ask("/api/v2/check", parameters={"ipAddress": item.value, "maxAgeInDays": 90})


def _read(answer: Any, item: Observable) -> Verdict:
    data = answer["data"]
    score = data["abuseConfidenceScore"]
    details = facts(
        data, score="abuseConfidenceScore", reports="totalReports", last="lastReportedAt", country="countryCode",
        provider="isp", domain="domain", use="usageType", hosts="hostnames",
    )  # fmt: skip
    return Verdict(graded(score, 1, 51), details, f"https://www.abuseipdb.com/check/{item.value}")


SERVICE = Service(
    "AbuseIPDB", "https://api.abuseipdb.com", IP, _ask, _read,
    headers=lambda account: {"Key": account["key"], "Accept": "application/json"},
)  # fmt: skip
