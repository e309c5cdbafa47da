"""IBM X-Force Exchange: scores and categories. api.xforce.ibmcloud.com/doc."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from huntlens.config import Secret
from huntlens.enrich.service import HASHES, IP, Ask, Observable, Service, Verdict, facts, graded

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SERVICE"]

_PATHS: Final = {**dict.fromkeys(IP, "ipr"), "domain": "url", "url": "url", **dict.fromkeys(HASHES, "malware")}
_PAGES: Final = {"ipr": "ip", "url": "url", "malware": "malware"}


def _headers(account: Mapping[str, Any]) -> dict[str, Any]:
    def basic() -> str:
        pair = f"{account['id']}:{account['key'].reveal()}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    return {"Authorization": Secret(basic, "enrich.ti.xforce"), "Accept": "application/json"}


def _ask(item: Observable) -> Ask:
    return Ask(f"/{_PATHS[item.type]}/{quote(item.value, safe='')}")


def _read(answer: Any, item: Observable) -> Verdict:
    link = f"https://exchange.xforce.ibmcloud.com/{_PAGES[_PATHS[item.type]]}/{quote(item.value, safe='')}"
    if "malware" in answer:
        found = answer["malware"]
        risk = str(found.get("risk", "")).lower()
        families = found.get("family") or []
        details = facts({**found, "family": families}, risk="risk", families="family", kind="type")
        return Verdict("high" if risk == "high" or families else "medium" if risk == "medium" else "low", details, link)
    found = answer.get("result", answer)
    score = found.get("score") or 0
    categories = list(found.get("cats") or ())
    details = {
        "score": score,
        **({"categories": categories} if categories else {}),
        **facts(found, reason="reason", why="reasonDescription"),
        **facts(found.get("geo") or {}, country="country"),
    }
    return Verdict(graded(score, 2, 5), details, link)


SERVICE = Service(
    "IBM X-Force", "https://api.xforce.ibmcloud.com", (*IP, "domain", "url", *HASHES), _ask, _read,
    headers=_headers, needs=("id", "key"),
)  # fmt: skip
