"""Packs of others: how many load, how fast, and what is refused; the catalogue cold and warm.

    python benchmarks/pack_speed.py ../shared

Reads the hunting queries of `kql/parse/valid.jsonl` as `.kql` files and as rule files, and `data/msticpy-queries`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from huntlens.catalog.discover import catalog
from huntlens.kql.bind import bind
from huntlens.kql.schema import shipped

MEASURE = """
import json, resource, sys, time
from pathlib import Path
from huntlens.catalog.discover import catalog
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
before = resident()
roots, cache, builtin = sys.argv[1].split(":") if sys.argv[1] else [], sys.argv[2], sys.argv[3] == "1"
begun, busy = time.perf_counter(), time.process_time()
found = catalog(roots, cache=Path(cache), builtin=builtin)
count = len(found)
wall, busy = time.perf_counter() - begun, time.process_time() - busy
print(json.dumps([count, len(found.errors), wall * 1e3, busy * 1e3, resident() - before]))
"""


def start(roots: list[Path], cache: Path, builtin: bool = False) -> tuple[int, int, float, float, float]:
    """Queries, errors, wall and CPU milliseconds, MB of a start in a new process."""
    words = [sys.executable, "-c", MEASURE, ":".join(map(str, roots)), str(cache), "1" if builtin else "0"]
    return tuple(json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout))


def tell(what: str, roots: list[Path], folder: Path, builtin: bool = False) -> None:
    cache = folder / f"cache-{abs(hash(what))}"
    count, errors, wall, busy, _ = start(roots, cache, builtin)
    warm = [start(roots, cache, builtin) for _ in range(5)]
    best = min(warm, key=lambda item: item[2])
    print(
        f"{what}: {count} queries, {errors} refused; cold {wall:.0f} ms (CPU {busy:.0f}), "
        f"warm {best[2]:.1f} ms (CPU {min(item[3] for item in warm):.1f}), {best[4]:.1f} MB"
    )


def as_kql(rows: list[dict[str, str]], folder: Path) -> Path:
    for row in rows:
        place = folder / row["src"].replace("/", "_") / f"{Path(row['path']).stem}-{row['id']}.kql"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(row["query"], "utf-8")
    return folder


def as_rules(rows: list[dict[str, str]], folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        row = rows[number % len(rows)]
        rule = {
            "id": f"{number}", "name": Path(row["path"]).stem, "description": row["path"], "tactics": ["Execution"],
            "relevantTechniques": ["T1059"], "query": row["query"],
            "entityMappings": [
                {"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "Computer"}]}
            ],
        }  # fmt: skip
        (folder / f"{number:05}.yaml").write_text(yaml.safe_dump(rule, sort_keys=False), "utf-8")
    return folder


def refused(roots: list[Path], folder: Path) -> None:
    found = catalog(roots, cache=folder / "refused", builtin=False)
    for error in found.errors:
        print(f"  refused: {Path(error.path).name}:{error.line}: {str(error).partition(': ')[2][:150]}")
    begun = time.process_time()
    queries = [query for query in found.queries if query.language == "kql"]
    schema = shipped()
    wrong = [
        query.id
        for query in queries
        if any(item.severity == "error" for item in bind(query.text, schema, query.types).diagnostics)
    ]
    seconds = time.process_time() - begun
    print(f"  of {len(queries)} in KQL {len(queries) - len(wrong)} are without errors ({seconds:.1f} s)")


def main(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "kql/parse/valid.jsonl").read_text("utf-8").splitlines()]
    hunting = [row for row in rows if row["corpus"] == "hunting"]
    with TemporaryDirectory() as name:
        folder = Path(name)
        tell("built in", [], folder, builtin=True)
        texts = as_kql(hunting, folder / "kql")
        tell("hunting queries as .kql", [texts], folder)
        refused([texts], folder)
        theirs = shared / "data/msticpy-queries"
        tell("MSTICPy's packs", [theirs], folder)
        refused([theirs], folder)
        tell("5,000 rules", [as_rules(hunting, folder / "rules", 5_000)], folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
