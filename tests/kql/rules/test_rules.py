"""Each rule finds what its docstring calls bad, is silent about what it calls good, and its fix cures the finding."""

from __future__ import annotations

import pytest

from huntlens.kql.bind import bind
from huntlens.kql.diagnostics import Fix
from huntlens.kql.edit.check import check
from huntlens.kql.parse import parse
from huntlens.kql.rules import advice, all_rules

RULES = [pytest.param(rule, id=rule.name) for rule in all_rules()]


def found(text: str, code: str):
    parsed = parse(text)
    assert not parsed.diagnostics, parsed.diagnostics
    return [item for item in advice(parsed, bind(parsed)) if item.code == code]


def apply(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, reverse=True, key=lambda edit: edit.start):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@pytest.mark.parametrize("rule", RULES)
def test_bad_is_found_and_mended(rule):
    assert rule.examples("Bad")
    for text in rule.examples("Bad"):
        findings = found(text, rule.code)
        assert findings, text
        for finding in findings:
            assert 0 <= finding.start < finding.end <= len(text)
            for fix in finding.fixes:
                mended = apply(text, fix)
                assert len(found(mended, rule.code)) < len(findings), mended


@pytest.mark.parametrize("rule", RULES)
def test_good_is_left_alone(rule):
    assert rule.examples("Good")
    for text in rule.examples("Good"):
        assert not found(text, rule.code), text


def test_codes_and_names_are_unique():
    rules = all_rules()
    assert len(rules) >= 20
    assert len({rule.code for rule in rules}) == len(rules)
    assert all(rule.code.startswith("KQL5") for rule in rules)
    assert all(rule.doc.splitlines()[0] for rule in rules)


def test_check_orders_and_can_leave_advice_out():
    text = "T | join (U) on k | where a in ('x')"
    full = check(text)
    assert [item.start for item in full] == sorted(item.start for item in full)
    assert {item.name for item in full} == {"join-without-kind", "list-of-one"}
    assert check(text, rules=False) == []
