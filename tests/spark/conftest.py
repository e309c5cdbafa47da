"""One Spark for all tests of this folder, in this process, and one server of Spark Connect beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from huntlens.providers import QueryProvider

SMALL = {"spark.sql.shuffle.partitions": "1", "spark.driver.memory": "1g"}


@pytest.fixture(scope="session")
def spark() -> Iterator[QueryProvider]:
    """A connection to a Spark with one thread."""
    pytest.importorskip("pyspark")
    with QueryProvider("spark", master="local[1]", config=SMALL) as provider:
        yield provider


@pytest.fixture(scope="session")
def connect_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of Spark Connect, a process of its own."""
    pyspark = pytest.importorskip("pyspark")
    home = Path(pyspark.__file__).parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        **SMALL,
        "spark.connect.grpc.binding.port": port,
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.warehouse.dir": tmp_path_factory.mktemp("warehouse"),
    }
    given = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    kind = "org.apache.spark.sql.connect.service.SparkConnectServer"
    log = tmp_path_factory.mktemp("connect") / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [home / "bin" / "spark-submit", "--class", kind, "--master", "local[1]", *given],
            stdout=output, stderr=output, env={**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_HOME": str(home)},
        )  # fmt: skip
    try:
        for _ in range(600):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            assert server.poll() is None, log.read_text("utf-8")[-2000:]
            time.sleep(0.2)
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)
