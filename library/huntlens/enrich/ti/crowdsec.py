"""CrowdSec: what its community blocked an address for. docs.crowdsec.net, CTI API."""

from __future__ import annotations

from typing import Any

from huntlens.enrich.service import IP, Ask, Observable, Service, Verdict, facts, graded

__all__ = ["SERVICE"]


def _ask(item: Observable) -> Ask:
    return Ask(f"/v2/smoke/{item.value}")


def _read(answer: Any, item: Observable) -> Verdict:
    total = answer["scores"]["overall"]["total"]
    details = {
        "score": total,
        "behaviours": [one["label"] for one in answer.get("behaviors", ())],
        "attacks": [one.get("label") or one["name"] for one in answer.get("attack_details", ())],
        **facts(answer.get("history") or {}, first="first_seen", last="last_seen"),
        **facts(answer, noise="background_noise_score", network="as_name"),
    }
    link = f"https://app.crowdsec.net/cti/{item.value}"
    return Verdict(graded(total, 3, 4), {key: value for key, value in details.items() if value not in ([], "")}, link)


SERVICE = Service(
    "CrowdSec", "https://cti.api.crowdsec.net", IP, _ask, _read, headers=lambda account: {"x-api-key": account["key"]}
)
