"""`huntlens demo`: data, a notebook that hunts in it, the notebook run in a real kernel, and a report."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from huntlens.cli.demo.notebook import SAMPLE_KQL, notebook
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbformat import NotebookNode

# What the template of nbconvert would have a browser fetch.
_REMOTE = (
    "jquery_url", "jupyter_widgets_base_url", "mathjax_url", "mermaid_js_url", "require_js_url", "widget_renderer_url",
)  # fmt: skip


def run(out: Path, data: Sequence[str]) -> None:
    """Write the demo to a folder, run it, and print what was found and where to look."""
    from huntlens.cli.demo.findings import findings
    from huntlens.cli.output import show

    started = time.monotonic()
    folder = out / "data"
    folder.mkdir(parents=True, exist_ok=True)
    tables = _link(folder, data) if data else _write_story(folder)
    print(f"{len(tables)} tables: {', '.join(sorted(tables))}")
    (out / "hunt.kql").write_text(SAMPLE_KQL, "utf-8")
    made = notebook(tables, made_up=not data)
    print("running the notebook in a kernel ...")
    try:
        _execute(made, out)
    finally:
        nbformat.write(made, out / "hunt.ipynb")
    (out / "report.html").write_text(_report(made), "utf-8")
    print()
    show(findings(folder), "table")
    print(f"""
Done in {time.monotonic() - started:.0f} s. Have a look:
  {out / "report.html"}     the hunt as a page, for any browser
  {out / "hunt.ipynb"}      the notebook:   code {out}     or   jupyter lab {out / "hunt.ipynb"}
  {out / "hunt.kql"}        a query to change in the editor""")


def _write_story(folder: Path) -> list[str]:
    """The made-up intrusion, in the formats that logs come in."""
    import pandas as pd

    from huntlens.cli.demo.story import tell

    tables = tell()
    for name, rows in tables.items():
        frame = pd.DataFrame(rows)
        if name == "SigninLogs":
            frame.to_json(folder / f"{name}.jsonl", orient="records", lines=True, date_format="iso", date_unit="us")
        elif name == "DnsEvents":
            frame.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%dT%H:%M:%S.%fZ")
        else:
            frame.to_parquet(folder / f"{name}.parquet", index=False)
    return list(tables)


def _link(folder: Path, data: Sequence[str]) -> list[str]:
    """The user's logs below the folder of the demo, so that the notebook stays movable; says which tables they give."""
    from huntlens.providers import QueryProvider

    for source in map(Path, data):
        if not source.exists():
            raise DataError(f"{source}: no such file or folder")
        target = folder / source.name
        if target.exists():
            continue
        try:
            target.symlink_to(source.resolve(), target_is_directory=source.is_dir())
        except OSError:
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
    with QueryProvider("local", data=[str(folder)]) as provider:
        return [name for name in provider.tables if _has_rows(provider, name)]


def _has_rows(provider: Any, table: str) -> bool:
    return len(provider.exec_query(f"['{table}'] | take 1")) > 0


def _execute(made: NotebookNode, folder: Path) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    # The kernel would warn that it listens on the loopback address in plain text; nobody else can reach it there.
    quiet = ["--IPKernelApp.log_level=40"]
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(made, timeout=600, kernel_name="python3", resources=resources, extra_arguments=quiet)
    try:
        client.execute()
    except CellExecutionError as error:
        message = (
            f"a cell of the notebook failed: {error.ename}: {error.evalue}; {folder / 'hunt.ipynb'} holds the rest"
        )
        raise DataError(message) from None


def _report(made: NotebookNode) -> str:
    """The notebook as one page that asks nobody for anything."""
    from nbconvert import HTMLExporter

    nowhere = dict.fromkeys((*_REMOTE, "html_manager_semver_range"), "")
    exporter = HTMLExporter(template_name="lab", **nowhere)
    page, _resources = exporter.from_notebook_node(made)
    return str(page)
