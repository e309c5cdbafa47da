"""Compiled SQL beside SQL written by hand, pandas and duckdb-kql, over generated rows.

    python benchmarks/kql_speed.py [--rows 1000000] [--repeat 5] [--only NAME]
    python benchmarks/kql_speed.py --memory [--rows 100000 1000000 10000000]

The first prints milliseconds, best of the repeats, ours and by hand in turn: what huntlens compiles, the same by hand,
the ratio (of CPU time too, which other work on the machine disturbs less), pandas, duckdb-kql. All of them read the
same native DuckDB table; pandas reads the frame of it, with the JSON parsed already. Before it measures, it checks that
ours and by hand give the same rows.

The second prints by how much the peak memory of a fresh process grows over the data that lies ready in it.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from huntlens.kql.schema import Schema
from huntlens.providers.embedded import Context, compile_text

TABLE = """
CREATE TABLE "SecurityEvent" AS
SELECT TIMESTAMP '2026-01-01' + to_microseconds(CAST(i AS BIGINT) * 604800000000 // {rows}) AS "TimeGenerated",
  'host' || lpad(CAST(i * 7919 % 300 AS VARCHAR), 3, '0') AS "Computer",
  [4624, 4625, 4688, 4672, 4634, 5156, 1102][1 + i * 31 % 7] AS "EventID",
  'DOMAIN\\user' || (i * 17 % 2000) AS "Account",
  CASE WHEN i % 97 = 0 THEN '' ELSE '10.' || (i % 7) || '.' || (i * 13 % 251) || '.' || (i * 29 % 253) END AS "IpAddress",
  CASE i * 11 % 9 WHEN 0 THEN 'C:\\Windows\\System32\\cmd.exe /c whoami /all'
    WHEN 1 THEN 'powershell.exe -NoProfile -EncodedCommand SQBFAFgA' || i
    WHEN 2 THEN 'C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s Schedule'
    ELSE 'C:\\Program Files\\App' || (i % 50) || '\\app.exe --id=' || i || ' --name="worker ' || (i % 1000) || '"' END
    AS "CommandLine",
  CAST('{{"user": {{"name": "u' || (i % 500) || '", "id": ' || (i % 500) || '}}, "tags": ["a", "b' || (i % 10) || '"], "score": '
    || (i % 100) || '}}' AS JSON) AS "Properties"
FROM range({rows}) t(i)
"""
_TYPES = {
    "TimeGenerated": "datetime", "Computer": "string", "EventID": "int", "Account": "string", "IpAddress": "string",
    "CommandLine": "string", "Properties": "dynamic",
}  # fmt: skip


_PARSED_ROWS = 1_000_000
"""Ten million rows of parsed JSON are more than the memory that there is."""


@dataclass(frozen=True)
class Race:
    """One question: in KQL, in SQL as one would write it by hand, and in pandas."""

    name: str
    kql: str
    sql: str
    pandas: Callable[[pd.DataFrame], object]
    any_row: bool = False
    """Whether the answer depends on which of several rows is taken, which SQL leaves open; the sum does not."""


RACES = (
    Race(
        "filter and has",
        'SecurityEvent | where EventID == 4688 and CommandLine has "powershell" | project TimeGenerated, Computer, CommandLine',
        """SELECT "TimeGenerated", "Computer", "CommandLine" FROM "SecurityEvent" WHERE "EventID" = 4688
           AND "CommandLine" ILIKE '%powershell%'
           AND regexp_matches("CommandLine", '(?i)(^|[^0-9A-Za-z])powershell([^0-9A-Za-z]|$)')""",
        lambda t: t.loc[
            (t.EventID == 4688) & t.CommandLine.str.contains(r"(?i)(?:^|[^0-9A-Za-z])powershell(?:[^0-9A-Za-z]|$)"),
            ["TimeGenerated", "Computer", "CommandLine"],
        ],
    ),
    Race(
        "count by hour and host",
        "SecurityEvent | summarize Events = count(), Users = dcount(Account) by bin(TimeGenerated, 1h), Computer",
        """SELECT make_timestamp(epoch_us("TimeGenerated") // 3600000000 * 3600000000) AS t, "Computer", count(*),
           count(DISTINCT "Account") FROM "SecurityEvent" GROUP BY 1, 2""",
        lambda t: t.groupby([t.TimeGenerated.dt.floor("h"), "Computer"]).agg(
            Events=("EventID", "size"), Users=("Account", "nunique")
        ),
    ),
    Race(
        "failed then successful logon",
        """let failed = SecurityEvent | where EventID == 4625 | summarize Failures = count() by Account, IpAddress;
SecurityEvent | where EventID == 4624 | join kind=inner failed on Account, IpAddress
| summarize Logons = count(), Failures = max(Failures) by Account""",
        """WITH f AS (SELECT "Account", "IpAddress", count(*) n FROM "SecurityEvent" WHERE "EventID" = 4625 GROUP BY ALL)
           SELECT e."Account", count(*), max(n) FROM "SecurityEvent" e JOIN f USING ("Account", "IpAddress")
           WHERE e."EventID" = 4624 GROUP BY 1""",
        lambda t: (
            t[t.EventID == 4624]
            .merge(
                t[t.EventID == 4625].groupby(["Account", "IpAddress"]).size().rename("Failures").reset_index(),
                on=["Account", "IpAddress"],
            )
            .groupby("Account")
            .agg(Logons=("EventID", "size"), Failures=("Failures", "max"))
        ),
    ),
    Race(
        "self join innerunique",
        """SecurityEvent | where EventID == 4624 | project Account, Computer
| join (SecurityEvent | where EventID == 1102 | project Account, Cleared = Computer) on Account
| summarize count() by Computer""",
        """WITH l AS (SELECT DISTINCT ON ("Account") "Account", "Computer" FROM "SecurityEvent" WHERE "EventID" = 4624)
           SELECT l."Computer", count(*) FROM l JOIN "SecurityEvent" r ON l."Account" = r."Account"
           WHERE r."EventID" = 1102 GROUP BY 1""",
        lambda t: (
            t.loc[t.EventID == 4624, ["Account", "Computer"]]
            .drop_duplicates("Account")
            .merge(t.loc[t.EventID == 1102, ["Account"]], on="Account")
            .groupby("Computer")
            .size()
        ),
        any_row=True,
    ),
    Race(
        "read a dynamic and group",
        """SecurityEvent | extend User = tostring(Properties.user.name), Score = toint(Properties.score)
| summarize Score = sum(Score), count() by User""",
        """SELECT json_extract_string("Properties", '$.user.name') AS u,
           sum(TRY_CAST(json_extract_string("Properties", '$.score') AS INTEGER)), count(*) FROM "SecurityEvent" GROUP BY 1""",
        lambda t: (
            pd.DataFrame(
                {"User": [p["user"]["name"] for p in t.Properties], "Score": [p["score"] for p in t.Properties]}
            )
            .groupby("User")
            .agg(Score=("Score", "sum"), n=("Score", "size"))
        ),
    ),
    Race(
        "mv-expand",
        "SecurityEvent | mv-expand Tag = Properties.tags to typeof(string) | summarize count() by Tag",
        """SELECT tag, count(*) FROM (SELECT unnest(json_extract_string("Properties", '$.tags[*]')) AS tag
           FROM "SecurityEvent") GROUP BY 1""",
        lambda t: pd.Series([p["tags"] for p in t.Properties]).explode().value_counts(),
    ),
    Race(
        "last event of each account",
        "SecurityEvent | summarize arg_max(TimeGenerated, Computer, EventID, IpAddress) by Account",
        """SELECT "Account", "TimeGenerated", "Computer", "EventID", "IpAddress" FROM "SecurityEvent"
           QUALIFY row_number() OVER (PARTITION BY "Account" ORDER BY "TimeGenerated" DESC) = 1""",
        lambda t: (
            t.sort_values("TimeGenerated")
            .groupby("Account")[["TimeGenerated", "Computer", "EventID", "IpAddress"]]
            .last()
        ),
    ),
    Race(
        "make-series",
        """SecurityEvent | make-series n = count() default = 0 on TimeGenerated
from datetime(2026-01-01) to datetime(2026-01-08) step 1h by Computer""",
        """WITH b AS (SELECT "Computer" c, (epoch_us("TimeGenerated") - epoch_us(TIMESTAMP '2026-01-01')) // 3600000000 i,
             count(*) n FROM "SecurityEvent"
             WHERE "TimeGenerated" >= TIMESTAMP '2026-01-01' AND "TimeGenerated" < TIMESTAMP '2026-01-08' GROUP BY 1, 2),
           k AS (SELECT DISTINCT c FROM b),
           a AS (SELECT to_json(list(strftime(TIMESTAMP '2026-01-01' + to_hours(i), '%Y-%m-%dT%H:%M:%S.%f0Z') ORDER BY i)) x
             FROM range(168) r(i)),
           s AS (SELECT k.c, to_json(list(coalesce(n, 0) ORDER BY r.i)) v FROM k CROSS JOIN range(168) r(i)
             LEFT JOIN b ON b.c = k.c AND b.i = r.i GROUP BY 1)
           SELECT c, v, x FROM s CROSS JOIN a""",
        lambda t: t.groupby(["Computer", t.TimeGenerated.dt.floor("h")]).size().unstack(fill_value=0),
    ),
    Race(
        "parse",
        'SecurityEvent | where EventID == 5156 | parse CommandLine with * "--id=" id:long " --name=" name | summarize max(id), dcount(name)',
        """SELECT max(id), count(DISTINCT name) FROM (
             SELECT CASE WHEN p > 0 AND q > 0 THEN id END AS id,
               CASE WHEN p > 0 AND q > 0 AND id IS NOT NULL THEN name ELSE '' END AS name FROM (
               SELECT p, q, TRY_CAST(substr(r, 1, q - 1) AS BIGINT) AS id, substr(r, q + 8) AS name FROM (
                 SELECT p, r, strpos(r, ' --name=') AS q FROM (
                   SELECT p, substr("CommandLine", p + 5) AS r FROM (
                     SELECT "CommandLine", strpos("CommandLine", '--id=') AS p FROM "SecurityEvent"
                     WHERE "EventID" = 5156)))))""",
        lambda t: (
            t.loc[t.EventID == 5156, "CommandLine"].str.extract(r"--id=(-?\d+) --name=(.*)").agg(["max", "nunique"])
        ),
    ),
    Race(
        "top",
        "SecurityEvent | where IpAddress startswith '10.3.' | top 100 by TimeGenerated desc",
        """SELECT * FROM "SecurityEvent" WHERE starts_with("IpAddress", '10.3.') ORDER BY "TimeGenerated" DESC LIMIT 100""",
        lambda t: t[t.IpAddress.str.startswith("10.3.")].nlargest(100, "TimeGenerated"),
    ),
)


_MOMENT_S: Final = 0.5


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    table: pa.Table = connection.sql(sql).to_arrow_table()
    return table


def best(works: Sequence[Callable[[], object]], repeat: int) -> list[tuple[float, float]]:
    """Milliseconds of the fastest run of each, by the clock and of the processors.

    They take turns, and turns in who comes first; those that take a moment have more of them.
    """
    times: list[list[tuple[float, float]]] = [[] for _ in works]
    until = time.perf_counter() + _MOMENT_S
    turn = 0
    while turn < repeat or time.perf_counter() < until:
        for taken, work in list(zip(times, works, strict=True))[:: 1 if turn % 2 else -1]:
            clock, cpu = time.perf_counter(), time.process_time()
            work()
            taken.append((time.perf_counter() - clock, time.process_time() - cpu))
        turn += 1
    return [(min(clock for clock, _ in runs) * 1e3, min(cpu for _, cpu in runs) * 1e3) for runs in times]


def compiled(race: Race) -> str:
    """The SQL that huntlens makes of the question."""
    context = Context(Schema.from_dict({"tables": {"SecurityEvent": _TYPES}}))
    (statement,) = compile_text(race.kql, context).statements
    return statement.sql


def data(rows: int) -> duckdb.DuckDBPyConnection:
    """The table, in an engine of two threads."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(TABLE.format(rows=rows))
    return connection


def frame_of(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> pd.DataFrame:
    """The same as a frame, its JSON parsed."""
    names = ", ".join(f'"{name}"' for name in columns)
    frame: pd.DataFrame = connection.sql(f'SELECT {names} FROM "SecurityEvent"').to_arrow_table().to_pandas()
    if "Properties" in frame:
        frame["Properties"] = [json.loads(text) for text in frame["Properties"]]
    return frame


def read_by(race: Race) -> list[str]:
    """The columns that the question takes of a frame."""
    text = inspect.getsource(race.pandas)
    return [name for name in _TYPES if re.search(rf"\b{name}\b", text)]


def cells(table: pa.Table) -> list[tuple[object, ...]]:
    """The rows in an order of their own; null and the empty text are one, as they are in KQL."""
    columns = [["" if cell is None else str(cell) for cell in column.to_pylist()] for column in table.columns]
    return sorted(zip(*columns, strict=True))


def check(connection: duckdb.DuckDBPyConnection, race: Race) -> None:
    """Stop where by hand is no answer to the same question."""
    ours, hand = (_fetch(connection, sql) for sql in (compiled(race), race.sql))
    same = pc.sum(ours.column(-1)) == pc.sum(hand.column(-1)) if race.any_row else cells(ours) == cells(hand)
    if not same:
        raise SystemExit(f"{race.name}: by hand gives other rows ({ours.num_rows:,} and {hand.num_rows:,})")


def speed(rows: int, repeat: int, only: str, *, with_pandas: bool) -> None:
    """The first of the two tables."""
    connection = data(rows)
    names = [name for name in _TYPES if name != "Properties" or rows <= _PARSED_ROWS]
    frame = frame_of(connection, names) if with_pandas else None
    heads = f"{'query':32} {'huntlens':>9} {'by hand':>9} {'ratio':>6} {'cpu':>6} {'pandas':>9} {'duckdb-kql':>11}"
    print(f"{heads}   (ms, {rows:,} rows)")
    ratios = []
    for race in RACES:
        if only not in race.name:
            continue
        check(connection, race)
        both = [partial(_fetch, connection, sql) for sql in (compiled(race), race.sql)]
        (ours, our_cpu), (hand, hand_cpu) = best(both, repeat)
        ratios.append((ours / hand, our_cpu / hand_cpu))
        slow = float("nan")
        if frame is not None and set(read_by(race)) <= set(names):
            slow = best([partial(race.pandas, frame)], 2)[0][0]
        peer = _peer(race.kql, connection, repeat)
        ratio, cpu = ratios[-1]
        print(f"{race.name:32} {ours:9.1f} {hand:9.1f} {ratio:6.2f} {cpu:6.2f} {slow:9.1f} {peer:>11}", flush=True)
    for place, name in enumerate(("time", "cpu")):
        found = [pair[place] for pair in ratios]
        print(f"ratio of {name}: median {median(found):.2f}, worst {max(found):.2f}")


def _peer(kql: str, connection: duckdb.DuckDBPyConnection, repeat: int) -> str:
    """The same through duckdb-kql, where it is installed and can."""
    try:
        import duckdb_kql
    except ImportError:
        return "absent"
    try:
        sql = duckdb_kql.to_sql(kql)
        return f"{best([partial(_fetch, connection, sql)], repeat)[0][0]:.1f}"
    except (duckdb.Error, ValueError, KeyError, duckdb_kql.KqlError) as error:
        return type(error).__name__[:11]


# --- memory -----------------------------------------------------------------------------------------------------


def peak(race: Race, side: str, rows: int) -> None:
    """Run by a fresh process: print by how many MB the peak grows over the data, and the milliseconds of the query."""
    connection = data(rows)
    if side == "pandas":
        frame = frame_of(connection, read_by(race) if race.name != "top" else list(_TYPES)[:-1])
        connection.close()
        work: Callable[[], object] = partial(race.pandas, frame)
    else:
        work = partial(_fetch, connection, compiled(race) if side == "huntlens" else race.sql)
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _kilobytes("VmRSS")
    started = time.perf_counter()
    kept = work()
    taken = time.perf_counter() - started
    print(json.dumps([max(0, _kilobytes("VmHWM") - before) / 1e3, taken * 1e3, kept is not None]))


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def memory(sizes: Sequence[int], only: str, *, with_pandas: bool) -> None:
    """The second of the two tables."""
    print(f"{'query':32} {'':10}" + "".join(f"{size:>14,}" for size in sizes) + "   (MB over the data)")
    for race in RACES:
        if only not in race.name:
            continue
        for side in ("huntlens", "by hand", "pandas")[: 3 if with_pandas else 2]:
            found = [_measured(race, side, size) for size in sizes]
            print(f"{race.name:32} {side:10}" + "".join(f"{mb:14.1f}" for mb in found), flush=True)


def _measured(race: Race, side: str, rows: int) -> float:
    if side == "pandas" and rows > _PARSED_ROWS and "Properties" in read_by(race):
        return float("nan")
    command = [sys.executable, __file__, "--peak", race.name, side, "--rows", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)[0])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--only", default="")
    options.add_argument("--no-pandas", action="store_true")
    options.add_argument("--memory", action="store_true")
    options.add_argument("--peak", nargs=2, metavar=("NAME", "SIDE"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.peak:
        peak(next(race for race in RACES if race.name == given.peak[0]), given.peak[1], given.rows[0])
    elif given.memory:
        memory(given.rows, given.only, with_pandas=not given.no_pandas)
    else:
        for rows in given.rows:
            speed(rows, given.repeat, given.only, with_pandas=not given.no_pandas)


if __name__ == "__main__":
    main()
