"""Open PageRank: how well a domain is known; one that nobody links to is worth a look. domcop.com/openpagerank."""

from __future__ import annotations

from typing import Any

from huntlens.enrich.service import Ask, Observable, Service, Verdict, facts

__all__ = ["SERVICE"]


def _ask(item: Observable) -> Ask:
    return Ask("/api/v1.0/getPageRank", parameters={"domains[]": item.value})


def _read(answer: Any, _: Observable) -> Verdict:
    found = answer["response"][0]
    ranked = found["status_code"] != 404
    details = facts(found, rank="rank", page_rank="page_rank_decimal", error="error")
    return Verdict("none" if ranked else "medium", details)


SERVICE = Service(
    "Open PageRank", "https://openpagerank.com", ("domain",), _ask, _read,
    headers=lambda account: {"API-OPR": account["key"]},
)  # fmt: skip
