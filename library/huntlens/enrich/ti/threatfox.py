"""ThreatFox of abuse.ch: indicators of malware. threatfox.abuse.ch/api."""

from __future__ import annotations

from typing import Any

from huntlens.enrich.service import IP, Ask, Observable, Service, Verdict, facts, graded

__all__ = ["SERVICE"]


def _ask(item: Observable) -> Ask:
    if item.type in ("md5", "sha256"):
        return Ask("/api/v1/", "POST", json={"query": "search_hash", "hash": item.value})
    return Ask("/api/v1/", "POST", json={"query": "search_ioc", "search_term": item.value, "exact_match": False})


def _read(answer: Any, _: Observable) -> Verdict | None:
    if answer["query_status"] != "ok":
        return None
    found = max(answer["data"], key=lambda one: one["confidence_level"])
    details = facts(
        found, malware="malware_printable", threat="threat_type", confidence="confidence_level", indicator="ioc",
        first="first_seen", last="last_seen", tags="tags",
    )  # fmt: skip
    link = f"https://threatfox.abuse.ch/ioc/{found['id']}/"
    return Verdict(graded(found["confidence_level"], 0, 75), details, link)


SERVICE = Service(
    "ThreatFox", "https://threatfox-api.abuse.ch", (*IP, "domain", "url", "md5", "sha256"), _ask, _read,
    headers=lambda account: {"Auth-Key": account["key"]},
)  # fmt: skip
