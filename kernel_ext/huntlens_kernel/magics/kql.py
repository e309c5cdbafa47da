"""`%kql`, `%%kql`: a KQL query on a connection or on the data frames at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens_kernel.ask import ask, chosen, ready
from huntlens_kernel.errors import HuntError, finding, tell, visible
from huntlens_kernel.variables import described

if TYPE_CHECKING:
    from huntlens.assist.magic_line import Line
    from huntlens.kql.schema import Schema
    from huntlens_kernel.configured import Connection
    from huntlens_kernel.session import Session

__all__ = ["kql"]


def kql(session: Session, line: Line, cell: str | None) -> Any:
    """Run the query, or show what would be run (`--dry-run`, `--sql`)."""
    text = cell if cell is not None else line.value("query")
    if not text.strip():
        raise HuntError(["there is no query here: write it after %kql, or below %%kql"])
    if line.given("save"):
        session.saved[line.value("save")] = text.strip().rstrip(";")
    connection, engine = line.value("connection"), line.value("engine")
    if line.given("dry-run"):
        return _dry_run(session, line, text, chosen(session, connection, engine))
    if line.given("sql"):
        return _sql(session, line, text, chosen(session, connection, engine))
    result = ask(
        session,
        text,
        connection=connection,
        engine=engine,
        timespan=line.value("timespan"),
        limit=int(float(line.value("limit"))) if line.given("limit") else None,
        timeout_s=float(line.value("timeout")) if line.given("timeout") else None,
        parameters=line.pairs(),
        whole_cell=cell is not None,
    )
    if not line.given("grid"):
        return result
    from huntlens.widgets.grid import grid

    return grid(result)


def _dry_run(session: Session, line: Line, text: str, used: Connection) -> Any:
    """The text as it would be sent, and what is known to be wrong with it."""
    from huntlens.kql.bind import bind

    written, schema = _rendered(session, line, text, used)
    found = bind(written, schema).diagnostics
    for one in found:
        tell("\n".join(finding(written, one)))
    span = session.range(line.value("timespan"), used) or "all time"
    tell(f"{used.name} ({used.environment}) · {span} · {len(found)} findings\n")
    tell(visible(written))


def _sql(session: Session, line: Line, text: str, used: Connection) -> Any:
    from IPython.display import Code

    from huntlens.providers import sql

    written, schema = _rendered(session, line, text, used)
    return Code(sql(written, schema, "spark" if used.environment == "spark" else "duckdb"), language="sql")


def _rendered(session: Session, line: Line, text: str, used: Connection) -> tuple[str, Schema]:
    """The text with the values that go along, and the tables that it can name."""
    from huntlens.catalog.render import render
    from huntlens.providers.adhoc import adhoc

    prepared = ready(session, used, text)
    values = {**prepared.values, **line.pairs()}
    known = [described(name, frame) for name, frame in prepared.tables.items()]
    return render(adhoc(prepared.text, values, "kql"), values).text, session.schema(used).with_tables(*known)
