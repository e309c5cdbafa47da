"""The support matrix: what each target does with each row, as a page of Markdown.

`python -m huntlens.kql.compile.support` prints it; `docs/kql-support.md` is kept equal to it by a test.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from huntlens.kql.compile.operators import evaluate
from huntlens.kql.functions import all_functions
from huntlens.kql.functions.row import Function, Special, Unsupported

if TYPE_CHECKING:
    from huntlens.kql.functions.row import Template

_KINDS: Final = {
    "operator": "Operators", "scalar": "Scalar functions", "aggregate": "Aggregates", "window": "Window functions",
    "plugin": "Plugins", "tabular": "Functions that give tables",
}  # fmt: skip
_INTRODUCTION: Final = """\
# What KQL runs where

Made from the function rows by `python -m huntlens.kql.compile.support`; do not edit by hand.

- `sql`: plain SQL of the engine.
- `python`: a Python function over the values, called from SQL.
- `no`: the query is refused with the reason that stands beside it. Some rows that say `sql` refuse single forms too,
  such as a regular expression that is no constant; the message says which.

Answers differ from Kusto's on purpose in these places:

- A whole number that leaves the range of its type gives null, where Kusto wraps around; no query stops for it. The
  same holds for a sum. A time outside the years 1 to 9999 is null in the result.
- A datetime has microseconds: the seventh digit of a second is cut off, and what asks for nanoseconds of times is
  refused, but for the difference of two literals. Timespans keep all seven digits.
- The documentation's answers of `geo_info_from_ip_address` are those of a database that nobody may pass on; here the
  answer comes from the database of the setting `enrich.geoip.database`, and without one the call is refused.
- `dcount`, `count_distinct` and percentiles are exact; `hll` and `tdigest` hold the values themselves.
- `make_set` gives its values in order.
- `series_decompose` and its kin find season and trend in their own way: flags agree on clear cases, scores may not.
- `endofday` and its kin end at the last microsecond.
- `parse_user_agent` knows the common browsers and systems only.
- `make_list` and `make_set` take arrays apart by one level, as the documentation's answers show.
- The `hash_combine` and `hash_many` of two values agree with themselves, not with Kusto's.
"""


def _state(row: Function, template: Template) -> tuple[str, str]:
    """How a target does it, and the reason if it does not."""
    if isinstance(template, Mapping):
        states = [_state(row, inner) for inner in template.values()]
        return next((state for state in states if state[0] != "no"), states[0])
    if row.kind == "tabular":
        return "-", "names a table of the source"
    if isinstance(template, Unsupported):
        return "no", template.reason
    if isinstance(template, str):
        return ("python" if "kql_" in template else "sql"), ""
    if row.kind == "plugin":
        return _plugin_state(row)
    return ("python" if template == Special("python", template.options) else "sql"), ""


def _plugin_state(row: Function) -> tuple[str, str]:
    if any(hasattr(topic, f"plugin_{row.name}") for topic in evaluate.TOPICS):
        return "sql", ""
    return "no", "it is not answered locally"


def page() -> str:
    """The whole page."""
    lines = [_INTRODUCTION]
    for kind, title in _KINDS.items():
        rows = [row for row in all_functions() if row.kind == kind]
        done = {
            target: sum(_state(row, getattr(row, target))[0] != "no" for row in rows) for target in ("duckdb", "spark")
        }
        lines.append(f"## {title}\n\n{len(rows)} in all; DuckDB {done['duckdb']}, Spark {done['spark']}.\n")
        groups: dict[str, list[Function]] = defaultdict(list)
        for row in rows:
            groups[row.category].append(row)
        for category, members in groups.items():
            if len(groups) > 1:
                lines.append(f"### {category.capitalize()}\n")
            lines.append("| name | what | DuckDB | Spark | note |\n|---|---|---|---|---|")
            lines.extend(map(_line, members))
            lines.append("")
    return "\n".join(lines)


def _line(row: Function) -> str:
    duckdb, spark = _state(row, row.duckdb), _state(row, row.spark)
    notes = [f"deprecated, use `{row.deprecated}`"] if row.deprecated else []
    notes += dict.fromkeys(reason for _, reason in (duckdb, spark) if reason)
    cells = (f"`{row.name}`", row.doc, duckdb[0], spark[0], "; ".join(notes))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(page())
