"""GreyNoise: addresses that scan the whole internet, and those of known services. docs.greynoise.io, community API."""

from __future__ import annotations

from typing import Any

from huntlens.enrich.service import Ask, Observable, Service, Verdict, facts

__all__ = ["SERVICE"]


def _ask(item: Observable) -> Ask:
    return Ask(f"/v3/community/{item.value}")


def _read(answer: Any, item: Observable) -> Verdict:
    details = facts(
        answer, classification="classification", name="name", scans="noise", known_service="riot", last="last_seen"
    )
    link = answer.get("link") or f"https://viz.greynoise.io/ip/{item.value}"
    return Verdict("high" if answer.get("classification") == "malicious" else "none", details, link)


SERVICE = Service(
    "GreyNoise", "https://api.greynoise.io", ("ipv4",), _ask, _read, headers=lambda account: {"key": account["key"]}
)
