"""Every pattern of the analysis costs linear work: steps are counted, on texts made to keep each pattern busy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from huntlens import analyze
from huntlens.analyze import command_line
from huntlens.analyze.ioc_patterns import Pattern
from huntlens.mask.rules import RULES
from regex_work import Work, pumps

SIZES = (200, 400)
UNITS = ("A", "a.", "%41", "C:\\a ", "1.", "::", '"+"', "\n")
# These are asked at the start of a text alone, by `match` and `fullmatch`.
AT_START = {pattern.pattern for _, pattern in RULES} | {command_line._IMAGE.pattern}


def patterns_in(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Pattern):
        yield value.finder
    elif isinstance(value, command_line.Rule):
        yield from value.patterns
    elif isinstance(value, tuple | list):
        for one in value:
            yield from patterns_in(one)


def all_patterns() -> dict[str, re.Pattern[str]]:
    names = [f"huntlens.analyze.{module.name}" for module in iter_modules(analyze.__path__)]
    modules = [*map(import_module, names), import_module("huntlens.mask.mask")]
    found = [pattern for module in modules for value in vars(module).values() for pattern in patterns_in(value)]
    return {pattern.pattern: pattern for pattern in found}


def steps(pattern: re.Pattern[str], unit: str, size: int) -> int:
    work = Work(pattern, (unit * (size // len(unit) + 1))[:size])
    return work.match() if pattern.pattern in AT_START else work.search()


@pytest.mark.parametrize("pattern", all_patterns().values(), ids=lambda pattern: pattern.pattern[:40])
def test_twice_the_text_is_twice_the_work(pattern: re.Pattern[str]) -> None:
    """Work that grows with the square would take four times the steps."""
    for unit in sorted({*UNITS, *pumps(pattern)}):
        short, long = (steps(pattern, unit, size) for size in SIZES)
        assert long < 2.7 * short + 2_000, unit


def test_the_patterns_are_found_and_the_counter_counts() -> None:
    assert len(all_patterns()) > 80
    for square in (r"a*b", r"[a-z0-9.]+@x", r"\w*\w*!"):
        short, long = (steps(re.compile(square), "a", size) for size in (40, 80))
        assert long > 3 * short


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?<!\w)(?:ab|a)+?c\b|x{2,3}", "abac xxxx aabc abcx ac"),
        (r"(?i)[^\d\s]+=(?=\")", 'Key=" a1=" B=x'),
        (r"(?>a+)b|a++c|^z$", "aab aac\nz"),
    ],
)
def test_the_counter_matches_as_re_does(pattern: str, text: str) -> None:
    compiled, found, at = re.compile(pattern), [], 0
    work = Work(compiled, text)
    while at <= len(text):
        ends: list[int] = []
        if work.matcher(at, lambda end, ends=ends: not ends.append(end)):
            found.append(text[at : ends[-1]])
        at = max(at + 1, *ends) if ends else at + 1
    assert found == [match[0] for match in compiled.finditer(text)]
