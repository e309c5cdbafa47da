"""The commands: each reads its words, calls the library and prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from huntlens._lazy import resolve
from huntlens.errors import HuntlensError, KqlError
from huntlens.text import excerpt

if TYPE_CHECKING:
    from huntlens.catalog.model import Query

app = typer.Typer(
    name="huntlens",
    help="Hunt attackers in logs: KQL anywhere, pivots, findings and pictures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
pack_app = typer.Typer(help="Query packs.", no_args_is_help=True)
data_app = typer.Typer(help="Logs on disk.", no_args_is_help=True)
kernel_app = typer.Typer(help="The notebook kernel.", no_args_is_help=True)
app.add_typer(kernel_app, name="kernel")
app.add_typer(pack_app, name="pack")
app.add_typer(data_app, name="data")

Data = Annotated[list[str] | None, typer.Option("--data", "-d", help="Files, folders or archives of logs.")]
Timespan = Annotated[str, typer.Option("--timespan", "-t", help="Rows of this time only: 7d, 2026-03-01..2026-03-08.")]
Limit = Annotated[int, typer.Option("--limit", "-n", help="Stop after so many rows; 0 for all.")]
Form = Annotated[str, typer.Option("--format", "-f", help="table, csv or json.")]
Save = Annotated[
    list[Path] | None, typer.Option("--save", "-s", help="Write it to a .csv, .json, .parquet or .html file instead.")
]
Param = Annotated[list[str] | None, typer.Option("--param", "-p", help="NAME=VALUE for a query parameter.")]


def run() -> None:
    """Run the command line; errors of huntlens are one message and exit code 1."""
    try:
        app()
    except KqlError as error:
        print(_told(error), file=sys.stderr)
        sys.exit(1)
    except HuntlensError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


def _told(error: KqlError) -> str:
    lines = [f"error: {error}"]
    for found in error.diagnostics:
        start, end = getattr(found, "start", 0), getattr(found, "end", 0)
        lines.append(
            f"{excerpt(error.text, start, end)}\n{getattr(found, 'code', '')}: {getattr(found, 'message', '')}"
        )
    return "\n".join(lines)


@app.command()
def version() -> None:
    """Print the version."""
    from huntlens import __version__

    print(f"huntlens {__version__}")


@app.command()
def query(
    text: Annotated[str, typer.Argument(help="KQL, a .kql file, or the name of a query: windows.logons.")],
    data: Data = None,
    timespan: Timespan = "",
    param: Param = None,
    limit: Limit = 100,
    form: Form = "table",
    save: Save = None,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL and run nothing.")] = False,
) -> None:
    """Run a query over local data."""
    from huntlens.catalog.render import render
    from huntlens.cli.output import show
    from huntlens.cli.packs import in_reach
    from huntlens.providers import QueryProvider
    from huntlens.providers import sql as to_sql

    if text.endswith((".kql", ".csl", ".kusto")):
        text = Path(text).read_text("utf-8")
    with QueryProvider("local", data=data or [], catalog=in_reach()) as provider:
        named = provider.catalog.find(text)
        values = _typed(named, _pairs(param or []))
        if sql:
            whole = render(named, values).text if named is not None else text
            print(to_sql(whole, schema=provider.schema))
            return
        to = save[0] if save and [path.suffix.lower() for path in save] == [".parquet"] else ""
        result = provider.exec_query(text, timespan=timespan or None, limit=limit or None, to=to, **values)
        if to:
            print(*result.notes, sep="\n")
        elif save:
            resolve("huntlens.cli.save:save")(result, *save)  # draws: costs what a table on the terminal need not
        else:
            show(result.df, form)


@app.command()
def pivot(
    path: Annotated[str, typer.Argument(help="Entity and pivot: Host.windows.logons.")],
    values: Annotated[list[str], typer.Argument(help="The values to ask about.")],
    data: Data = None,
    timespan: Timespan = "",
    form: Form = "table",
) -> None:
    """Ask about an entity over local data."""
    from huntlens.cli.output import show
    from huntlens.cli.packs import in_reach
    from huntlens.pivots import Session, named
    from huntlens.providers import QueryProvider

    with QueryProvider("local", data=data or [], timespan=timespan or None, catalog=in_reach()) as provider:
        show(named(path, Session((provider,)))(values, provider=provider), form)


@kernel_app.command("install")
def kernel_install(
    prefix: Annotated[str, typer.Option(help="Install below this folder instead of for this user.")] = "",
    name: Annotated[str, typer.Option(help="The name that Jupyter knows it by.")] = "huntlens",
) -> None:
    """Install a notebook kernel that has the magics from the first cell on."""
    where = resolve("huntlens_kernel.kernelspec:install")(prefix=prefix, name=name)
    print(f"installed in {where}; choose 'Python (huntlens)' as the kernel of a notebook")


@kernel_app.command("remove")
def kernel_remove(name: Annotated[str, typer.Argument(help="The name that Jupyter knows it by.")] = "huntlens") -> None:
    """Take the kernel away again."""
    print(f"removed {resolve('huntlens_kernel.kernelspec:remove')(name)}")


@app.command()
def lsp(
    tcp: Annotated[bool, typer.Option("--tcp", help="Listen on a port instead of speaking over stdio.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 2087,
    stdio: Annotated[bool, typer.Option("--stdio", help="Speak over stdio (the default).")] = False,
) -> None:
    """Start the language server."""
    resolve("huntlens_server.cli:run")(tcp=tcp and not stdio, host=host, port=port)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("huntlens-demo"),
    data: Data = None,
) -> None:
    """Write a notebook with a hunt in it, run it, and save a report."""
    from huntlens.cli.demo.run import run as run_demo

    run_demo(out, data or [])


@pack_app.command("check")
def pack_check(paths: Annotated[list[Path], typer.Argument(help="Pack files or folders.")]) -> None:
    """Check packs: their form, and the KQL in them."""
    from huntlens.cli.packs import check

    sys.exit(check(paths))


@pack_app.command("new")
def pack_new(
    path: Annotated[Path, typer.Argument(help="The file to write.")],
    name: Annotated[str, typer.Option(help="Name of the pack; else that of the file.")] = "",
    environment: Annotated[list[str] | None, typer.Option(help="Where its queries run: local, sentinel.")] = None,
) -> None:
    """Write a pack to begin from."""
    from huntlens.cli.packs import new

    new(path, name, environment or [])


@pack_app.command("format")
def pack_format(
    paths: Annotated[list[Path], typer.Argument(help="Pack files or folders.")],
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 if there is something.")] = False,
) -> None:
    """Lay out packs and the KQL in them."""
    from huntlens.cli.packs import layout

    sys.exit(layout(paths, only_check=check))


@pack_app.command("docs")
def pack_docs(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files, folders, zips; else all in reach.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; else the terminal.")] = None,
) -> None:
    """Write the reference page of packs, in Markdown or as HTML to look through."""
    from huntlens.cli.packs import docs

    docs(paths or [], out)


@pack_app.command("list")
def pack_list(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files, folders, zips; else all in reach.")] = None,
    environment: Annotated[str, typer.Option(help="Only what runs there.")] = "",
) -> None:
    """List queries, and what could not be taken of packs and rules."""
    from huntlens.cli.packs import listing

    sys.exit(listing(paths or [], environment))


@pack_app.command("search")
def pack_search(
    words: Annotated[list[str], typer.Argument(help="Names, tables, techniques, entities, or the id of a query.")],
    environment: Annotated[str, typer.Option(help="Only what runs there.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many at most.")] = 20,
) -> None:
    """Find queries, the best first; the id of one describes it."""
    from huntlens.cli.packs import search

    search(" ".join(words), environment, limit)


@data_app.command("normalize")
def data_normalize(
    paths: Annotated[list[str], typer.Argument(help="Raw logs: files, folders, archives.")],
    out: Annotated[Path, typer.Option(help="Folder for the tables, one Parquet file each.")] = Path("tables"),
) -> None:
    """Turn raw logs into the tables that queries know."""
    from huntlens.cli.data import normalize

    normalize(paths, out)


@data_app.command("convert")
def data_convert(
    source: Annotated[Path, typer.Argument(help="An answer that `huntlens query --save` has written as .parquet.")],
    target: Annotated[Path, typer.Argument(help="The .csv, .json or .html file to write.")],
) -> None:
    """Turn a saved answer into another form, types and all."""
    from huntlens.cli.save import save, saved

    save(saved(source), target)


@app.command()
def doctor() -> None:
    """Check the installation and say what is missing."""
    from huntlens.cli.doctor import examine

    sys.exit(examine())


def _typed(query: Query | None, values: dict[str, str]) -> dict[str, Any]:
    """The values as the query's parameters take them; those of an ad-hoc text stay text."""
    from huntlens.catalog.values import parse

    found = {name: query.parameter(name) if query is not None else None for name in values}
    return {name: text if (known := found[name]) is None else parse(known, text) for name, text in values.items()}


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator:
            raise typer.BadParameter(f"'{word}': write NAME=VALUE")
        pairs[name] = value
    return pairs
