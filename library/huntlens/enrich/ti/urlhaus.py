"""URLhaus of abuse.ch: URLs, hosts and files that spread malware. urlhaus-api.abuse.ch."""

from __future__ import annotations

from typing import Any

from huntlens.enrich.service import Ask, Observable, Service, Verdict, facts

__all__ = ["SERVICE"]


def _ask(item: Observable) -> Ask:
    if item.type == "url":
        return Ask("/v1/url/", "POST", form={"url": item.value})
    if item.type in ("md5", "sha256"):
        return Ask("/v1/payload/", "POST", form={f"{item.type}_hash": item.value})
    return Ask("/v1/host/", "POST", form={"host": item.value})


def _read(answer: Any, _: Observable) -> Verdict | None:
    if answer["query_status"] != "ok":
        return None
    details = facts(
        answer, status="url_status", threat="threat", tags="tags", signature="signature", urls="url_count",
        first="firstseen", added="date_added",
    )  # fmt: skip
    online = answer.get("url_status") == "online" or any(
        one.get("url_status") == "online" for one in answer.get("urls") or ()
    )
    link = answer.get("urlhaus_reference", "")
    return Verdict("high" if online or "signature" in answer else "medium", details, link)


SERVICE = Service(
    "URLhaus", "https://urlhaus-api.abuse.ch", ("ipv4", "domain", "url", "md5", "sha256"), _ask, _read,
    headers=lambda account: {"Auth-Key": account["key"]},
)  # fmt: skip
