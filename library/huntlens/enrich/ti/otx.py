"""AlienVault OTX: the pulses, reports of its community, that name an indicator. otx.alienvault.com/api."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from huntlens.enrich.service import HASHES, IP, Ask, Observable, Service, Verdict, graded

__all__ = ["SERVICE"]

_SECTIONS: Final = {"ipv4": "IPv4", "ipv6": "IPv6", "domain": "domain", "url": "url", **dict.fromkeys(HASHES, "file")}
_SHOWN: Final = 5


def _ask(item: Observable) -> Ask:
    return Ask(f"/api/v1/indicators/{_SECTIONS[item.type]}/{quote(item.value, safe='')}/general")


def _read(answer: Any, item: Observable) -> Verdict:
    count = answer["pulse_info"]["count"]
    pulses = answer["pulse_info"]["pulses"][:_SHOWN]
    details = {
        "pulses": count,
        "names": [pulse["name"] for pulse in pulses],
        "tags": list(dict.fromkeys(tag for pulse in pulses for tag in pulse.get("tags", ()))),
    }
    section = _SECTIONS[item.type]
    page = {"IPv4": "ip", "IPv6": "ip"}.get(section, section)
    link = f"https://otx.alienvault.com/indicator/{page}/{quote(item.value, safe='')}"
    told = {key: value for key, value in details.items() if value or key == "pulses"}
    return Verdict(graded(count, 1, 2), told, link)


SERVICE = Service(
    "AlienVault OTX", "https://otx.alienvault.com", (*IP, "domain", "url", *HASHES), _ask, _read,
    headers=lambda account: {"X-OTX-API-KEY": account["key"]},
)  # fmt: skip
