"""`huntlens pack`: what authors of packs do with them, and finding queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.assist import packs
from huntlens.assist.context import Context
from huntlens.catalog import write
from huntlens.catalog.discover import catalog
from huntlens.catalog.docs import describe, reference
from huntlens.config.settings import Settings
from huntlens.errors import DataError, PackError
from huntlens.kql.edit.format import format as format_kql
from huntlens.text import LineIndex, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from huntlens.catalog.collection import Catalog


def in_reach() -> Catalog:
    """The catalogue of what is installed, of the settings and of the folder one is in."""
    return catalog(Settings.load(".").get("packs"), workspace=".")


def new(path: Path, name: str, environments: Sequence[str]) -> None:
    """Write a pack to begin from."""
    if path.exists():
        raise DataError(f"{path} is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(write.new_pack(name or path.stem, environments or ("local",)), "utf-8")
    print(f"{path} written; 'huntlens pack check {path}' checks it")


def check(paths: Sequence[Path]) -> int:
    """Print what is wrong in packs, as `file:line:column`; the exit code is 1 if anything is."""
    count = 0
    files = [file for path in paths for file in _files(path)]
    context = Context(in_reach())
    for file in files:
        text = file.read_text("utf-8")
        index = LineIndex(text)
        for found in packs.check(packs.PackText(text, str(file)), context):
            at = index.position(found.start, "utf-32")
            print(f"{file}:{at.line + 1}:{at.column + 1}: {found.severity}: {found.code} {found.message}")
            print(excerpt(text, found.start, found.end))
            count += found.severity == "error"
    print(f"{len(files)} packs, {count} errors")
    return 1 if count else 0


def layout(paths: Sequence[Path], *, only_check: bool) -> int:
    """Lay packs out; with `only_check` tell which are not, exit code 1 if there are any."""
    changed, failed = 0, 0
    for file in (file for path in paths for file in _files(path)):
        text = file.read_text("utf-8")
        try:
            laid_out = write.format_pack(text, path=str(file), format_kql=format_kql)
        except PackError as error:
            print(f"{error}; left as it is")
            failed += 1
            continue
        if laid_out != text:
            changed += 1
            print(f"{file}: {'would change' if only_check else 'laid out'}")
            if not only_check:
                file.write_text(laid_out, "utf-8")
    print(f"{changed} packs {'to lay out' if only_check else 'laid out'}, {failed} with errors")
    return 1 if failed or (only_check and changed) else 0


def docs(paths: Sequence[Path], out: Path | None) -> None:
    """The reference page of packs, to a file or to the terminal; a file `.html` is one to search and copy from."""
    if out is not None and out.suffix.lower() in (".html", ".htm"):
        from huntlens.viz.query_browser import QueryBrowser

        QueryBrowser(_of(paths)).save(out)
        return
    page = reference(_of(paths))
    if out is None:
        print(page, end="")
    else:
        out.write_text(page, "utf-8")


def listing(paths: Sequence[Path], environment: str) -> int:
    """One line for each query, then what could not be taken; the exit code is 1 if anything was not."""
    found = _of(paths)
    for query in found.of(environment).queries:
        print(f"{query.id}  [{', '.join(query.environments)}]  {_line(query.summary)}")
    for error in found.errors:
        print(f"not taken: {_line(str(error))}")
    print(f"{len(found.ids(environment))} queries, {len(found.errors)} not taken")
    return 1 if found.errors else 0


def search(words: str, environment: str, limit: int) -> None:
    """The queries that fit, the best first; the whole description where it is the name of one."""
    found = in_reach()
    named = found.find(words, environment)
    if named is not None:
        print(describe(named))
        return
    hits = found.search(words, environment, limit)
    for hit in hits:
        print(f"{hit.query.id}  [{', '.join(hit.query.environments)}]  {_line(hit.query.summary)}")
    if not hits:
        print("nothing fits all of these words")


def _line(text: str) -> str:
    """A text of a pack as one line that cannot steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))


def _of(paths: Sequence[Path]) -> Catalog:
    """The catalogue of the given files and folders, or of all in reach."""
    for path in paths:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
    return catalog(paths, builtin=False) if paths else in_reach()


def _files(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    if path.is_file():
        yield path
    else:
        yield from sorted(
            file
            for file in path.rglob("*.y*ml")
            if file.suffix in (".yaml", ".yml") and packs.is_pack(file.read_text("utf-8"))
        )
