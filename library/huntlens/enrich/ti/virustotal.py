"""VirusTotal: what engines say of an address, a name, a URL or a file. docs.virustotal.com, version 3."""

from __future__ import annotations

import base64
from typing import Any, Final

from huntlens.enrich.service import HASHES, IP, Ask, Observable, Service, Verdict, facts, graded

__all__ = ["SERVICE"]

_PATHS: Final = {
    **dict.fromkeys(IP, "ip_addresses"),
    "domain": "domains",
    "url": "urls",
    **dict.fromkeys(HASHES, "files"),
}
_PAGES: Final = {"ip_addresses": "ip-address", "domains": "domain", "urls": "url", "files": "file"}


def _ask(item: Observable) -> Ask:
    # The id of a URL is its base64 without padding; the other ids are the values.
    id_ = base64.urlsafe_b64encode(item.value.encode()).decode().rstrip("=") if item.type == "url" else item.value
    return Ask(f"/api/v3/{_PATHS[item.type]}/{id_}")


def _read(answer: Any, item: Observable) -> Verdict:
    data = answer["data"]
    found = data["attributes"]
    counts = found["last_analysis_stats"]
    malicious, suspicious = counts["malicious"], counts["suspicious"]
    asked = sum(counts.get(name, 0) for name in ("malicious", "suspicious", "harmless", "undetected"))
    label = (found.get("popular_threat_classification") or {}).get("suggested_threat_label", "")
    details = {
        "engines": f"{malicious} of {asked}",
        **({"suspicious": suspicious} if suspicious else {}),
        **({"label": label} if label else {}),
        **facts(
            found, name="meaningful_name", kind="type_description", network="as_owner", country="country",
            reputation="reputation", tags="tags", threats="threat_names",
        ),
    }  # fmt: skip
    link = f"https://www.virustotal.com/gui/{_PAGES[_PATHS[item.type]]}/{data['id']}"
    return Verdict("medium" if malicious < 2 and suspicious else graded(malicious, 1, 2), details, link)


SERVICE = Service(
    "VirusTotal", "https://www.virustotal.com", (*IP, "domain", "url", *HASHES), _ask, _read,
    headers=lambda account: {"x-apikey": account["key"]}, calls=4, per_s=60,
)  # fmt: skip
