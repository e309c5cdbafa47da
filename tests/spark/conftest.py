"""One Spark for all tests of this folder, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huntlens.providers import QueryProvider

SMALL = {"spark.sql.shuffle.partitions": "1", "spark.driver.memory": "1g", "spark.log.level": "OFF"}


@pytest.fixture(scope="session")
def spark() -> Iterator[QueryProvider]:
    """A connection to a Spark with one thread."""
    pytest.importorskip("pyspark")
    with QueryProvider("spark", master="local[1]", config=SMALL) as provider:
        yield provider
