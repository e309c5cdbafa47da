"""Compiled SQL beside SQL written by hand, pandas and duckdb-kql, over generated rows.

    python benchmarks/kql_speed.py [--rows 1000000] [--repeat 3] [--only NAME]

Prints milliseconds (best of the repeats): what huntlens compiles, the same by hand, the ratio, pandas, duckdb-kql.
All of them read the same native DuckDB table; pandas reads the frame of it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import duckdb
import pandas as pd

from huntlens.kql.schema import Schema
from huntlens.providers.embedded import Context, compile_text

_TABLE = """
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


@dataclass(frozen=True)
class Race:
    """One question: in KQL, in SQL as one would write it by hand, and in pandas."""

    name: str
    kql: str
    sql: str
    pandas: Callable[[pd.DataFrame], object]


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
           k AS (SELECT DISTINCT c FROM b)
           SELECT k.c, to_json(list(coalesce(n, 0) ORDER BY r.i)) FROM k CROSS JOIN range(168) r(i)
           LEFT JOIN b ON b.c = k.c AND b.i = r.i GROUP BY 1""",
        lambda t: t.groupby(["Computer", t.TimeGenerated.dt.floor("h")]).size().unstack(fill_value=0),
    ),
    Race(
        "parse",
        'SecurityEvent | where EventID == 5156 | parse CommandLine with * "--id=" id:long " --name=" name | summarize max(id), dcount(name)',
        """SELECT max(TRY_CAST(substr(r, 1, strpos(r, ' --name=') - 1) AS BIGINT)),
             count(DISTINCT substr(r, strpos(r, ' --name=') + 8)) FROM (
           SELECT substr("CommandLine", strpos("CommandLine", '--id=') + 5) AS r FROM "SecurityEvent"
           WHERE "EventID" = 5156 AND strpos("CommandLine", '--id=') > 0)""",
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


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    return connection.sql(sql).to_arrow_table()


def best(work: Callable[[], object], repeat: int) -> float:
    """Milliseconds of the fastest run."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) * 1e3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--only", default="")
    options.add_argument("--no-pandas", action="store_true")
    given = options.parse_args()
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(_TABLE.format(rows=given.rows))
    frame = None
    if not given.no_pandas:
        import json

        frame = connection.sql('FROM "SecurityEvent"').to_arrow_table().to_pandas()
        frame["Properties"] = [json.loads(text) for text in frame["Properties"]]
    context = Context(Schema.from_dict({"tables": {"SecurityEvent": _TYPES}}))
    heads = f"{'query':32} {'huntlens':>9} {'by hand':>9} {'ratio':>6} {'pandas':>9} {'duckdb-kql':>11}"
    print(f"{heads}   (ms, {given.rows:,} rows)")
    ratios = []
    for race in RACES:
        if given.only not in race.name:
            continue
        program = compile_text(race.kql, context)
        (statement,) = program.statements
        ours = best(partial(_fetch, connection, statement.sql), given.repeat)
        hand = best(partial(_fetch, connection, race.sql), given.repeat)
        ratios.append(ours / hand)
        slow = best(partial(race.pandas, frame), 1) if frame is not None else float("nan")
        peer = _peer(race.kql, connection, given.repeat)
        print(f"{race.name:32} {ours:9.1f} {hand:9.1f} {ours / hand:6.2f} {slow:9.1f} {peer:>11}")
    ratios.sort()
    print(f"median ratio {ratios[len(ratios) // 2]:.2f}, worst {ratios[-1]:.2f}")


def _peer(kql: str, connection: duckdb.DuckDBPyConnection, repeat: int) -> str:
    """The same through duckdb-kql, where it is installed and can."""
    try:
        import duckdb_kql
    except ImportError:
        return "absent"
    try:
        sql = duckdb_kql.to_sql(kql)
        return f"{best(lambda: connection.sql(sql).to_arrow_table(), repeat):.1f}"
    except Exception as error:
        return type(error).__name__[:11]


if __name__ == "__main__":
    main()
