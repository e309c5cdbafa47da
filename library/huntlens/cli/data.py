"""`huntlens data normalize`: raw logs to Parquet files, one for each table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from huntlens.providers import QueryProvider

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def normalize(paths: Sequence[str], out: Path) -> None:
    """Read logs, and write each table that they give to a Parquet file of its name."""
    out.mkdir(parents=True, exist_ok=True)
    with QueryProvider("local", data=list(paths)) as provider:
        for name in provider.tables:
            table = provider.exec_query(f"['{name}']").arrow
            if table.num_rows:
                target = out / f"{name}.parquet"
                pq.write_table(table, target)
                print(f"{target}: {table.num_rows} rows, {table.num_columns} columns")
