"""Broken queries by the million: no service of `huntlens.kql` may fail on any text.

    python benchmarks/kql_fuzz.py --corpus ../shared/kql/parse/valid.jsonl --seconds 3600 --seed 7

Each round takes a query of the corpus (or one of a few built in), cuts, doubles, swaps and inserts pieces, and runs the
services over it. What fails is printed with its text and counted; the exit code says whether anything did.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.bind import bind
from huntlens.kql.edit.actions import actions
from huntlens.kql.edit.check import check
from huntlens.kql.edit.complete import complete
from huntlens.kql.edit.fold import fold
from huntlens.kql.edit.format import format as formatted
from huntlens.kql.edit.highlight import highlight
from huntlens.kql.edit.hover import hover
from huntlens.kql.edit.references import references
from huntlens.kql.edit.selection import selection
from huntlens.kql.edit.signature import signature
from huntlens.kql.edit.symbols import symbols
from huntlens.kql.lex import lex
from huntlens.kql.parse import OPERATOR_WORDS, parse
from huntlens.kql.tokens import HARD, PUNCTUATION, SOFT

if TYPE_CHECKING:
    from collections.abc import Callable

BUILT_IN = (
    (
        "let a = dynamic(['x', 'y']);\nSecurityEvent | where EventID in (1, 2) and Account has_any (a)"
        " | summarize count() by bin(TimeGenerated, 1h)"
    ),
    (
        "T | join kind=inner (U | mv-expand x to typeof(string)) on k | extend y = iff(a > 1, tostring(b.c[0]), 'z')"
        " | top 5 by y desc"
    ),
    (
        "let f = (p: long, q: (r: string)) { q | where r == p | project-away s* };\n"
        "union withsource=t (f(1, T)), V | evaluate bag_unpack(d)"
    ),
    "T | make-series n = count() default=0 on t from ago(7d) to now() step 1h by k | render timechart with (title='x')",
    "T | scan declare (n: long = 0) with (step s: a == 1 => n = s.n + 1;) | parse-where b with * 'x=' c: long 'y'",
)
PIECES = sorted(
    {
        *HARD,
        *SOFT,
        *PUNCTUATION,
        *OPERATOR_WORDS,
        "'",
        '"',
        "```",
        "//",
        "\n",
        "\\",
        "\u200b",
        "1",
        "1d",
        '"x"',
        "\ud83d",
    }
)


def mutated(text: str, chance: random.Random) -> str:
    """The text with one to five changes."""
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randrange(1, 25))
        kind = chance.randrange(6)
        if kind == 0:
            text = text[:start] + text[end:]
        elif kind == 1:
            text = text[:end] + text[start:]
        elif kind == 2:
            text = text[:start] + f" {chance.choice(PIECES)} " + text[start:]
        elif kind == 3:
            text = text[:start] + chance.choice(PIECES) + text[end:]
        elif kind == 4:
            text = text[:start]
        else:
            later = min(len(text), end + 20)
            text = text[:start] + text[end:later] + text[start:end] + text[later:]
    return text


def check_parse(text: str) -> None:
    parsed = parse(text)
    assert "".join(token.text for token in parsed.tokens) == text, "tokens are not the text"
    for node in tree.walk(parsed.query):
        for child in tree.children(node):
            assert node.start <= child.start <= child.end <= node.end, (
                f"{type(child).__name__} leaves {type(node).__name__}"
            )
    assert all(0 <= item.start <= item.end <= len(text) for item in parsed.diagnostics), "a finding leaves the text"


def check_format(text: str) -> None:
    found = formatted(text)
    assert lex(found).texts == lex(text).texts, "formatting changed tokens"


def check_services(text: str) -> None:
    fold(text)
    symbols(text)
    highlight(text)
    selection(text, len(text) // 2)


def check_bind(text: str) -> None:
    bind(text)


def check_advice(text: str) -> None:
    assert all(0 <= item.start <= item.end <= len(text) for item in check(text)), "a finding leaves the text"


def check_cursor(text: str) -> None:
    """What an editor asks at a place: in the middle, and where the typing ends."""
    middle = len(text) // 2
    for offset in (middle, len(text)):
        assert all(offer.start <= offset <= offer.end for offer in complete(text, offset)), "an offer leaves its place"
        signature(text, offset)
    hover(text, middle)
    references(text, middle)
    actions(text, middle // 2, middle)


CHECKS: dict[str, Callable[[str], None]] = {
    "parse": check_parse, "format": check_format, "services": check_services, "bind": check_bind,
    "advice": check_advice, "cursor": check_cursor,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="JSON lines with a key `query`")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checks", nargs="*", default=list(CHECKS), choices=list(CHECKS))
    options = parser.parse_args()
    corpus = list(BUILT_IN)
    if options.corpus:
        corpus += [json.loads(line)["query"] for line in options.corpus.read_text("utf-8").splitlines()]
    chance = random.Random(options.seed)
    failures: Counter[str] = Counter()
    begun, rounds, slowest = time.monotonic(), 0, 0.0
    while time.monotonic() - begun < options.seconds:
        text = mutated(chance.choice(corpus), chance)
        rounds += 1
        for name in options.checks:
            started = time.process_time()
            try:
                CHECKS[name](text)
            except Exception as error:
                what = f"{name}: {type(error).__name__}: {str(error)[:120]}"
                failures[what] += 1
                if failures[what] == 1:
                    print(what, repr(text), sep="\n  ", flush=True)
            slowest = max(slowest, time.process_time() - started)
    failed = sum(failures.values())
    print(f"{rounds} texts, {failed} failures of {len(failures)} kinds, slowest check {slowest * 1000:.0f} ms")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
