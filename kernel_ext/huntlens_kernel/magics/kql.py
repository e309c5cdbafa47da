"""`%kql`, `%%kql`: a KQL query on a connection or on the data frames at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens_kernel.ask import ask, chosen, ready
from huntlens_kernel.errors import HuntError, finding, tell, visible
from huntlens_kernel.variables import described

if TYPE_CHECKING:
    from huntlens.assist.magic_line import Line
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
        return _dry_run(session, text, chosen(session, connection, engine))
    if line.given("sql"):
        return _sql(session, text, chosen(session, connection, engine))
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


def _dry_run(session: Session, text: str, used: Connection) -> Any:
    """The text as it would be sent, and what is known to be wrong with it."""
    from huntlens.catalog.render import render
    from huntlens.kql.bind import bind
    from huntlens.providers.adhoc import adhoc

    prepared = ready(session, used, text)
    rendered = render(adhoc(prepared.text, prepared.values, "kql"), prepared.values).text
    known = [described(name, frame) for name, frame in prepared.tables.items()]
    found = bind(rendered, session.schema(used).with_tables(*known)).diagnostics
    for one in found:
        tell("\n".join(finding(rendered, one)))
    tell(f"{used.name} ({used.environment}) · {session.range(connection=used) or 'all time'} · {len(found)} findings\n")
    tell(visible(rendered))


def _sql(session: Session, text: str, used: Connection) -> Any:
    from IPython.display import Code

    from huntlens.providers import sql

    prepared = ready(session, used, text)
    known = [described(name, frame) for name, frame in prepared.tables.items()]
    return Code(sql(prepared.text, session.schema(used).with_tables(*known)), language="sql")
