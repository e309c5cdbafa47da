"""Services from a real kernel: what is shown while they work, what the stop button reaches, what a broken one costs."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from cells import data, run
from services import served


@pytest.fixture(autouse=True)
def closed(kernel):
    yield
    run(kernel[1], "%hunt close far")


def connect(client, server, kind: str) -> None:
    """A connection called `far`."""
    where = {
        "kusto": f"cluster={server.base} database=Security",
        "sentinel": f"host={server.base} workspace=ws token=t",
    }
    reply, _ = run(client, f"%hunt connect {kind} name=far {where[kind]}")
    assert reply["status"] == "ok", reply


@pytest.mark.parametrize("kind", ["kusto", "sentinel"])
def test_the_stop_button_ends_a_query_on_a_service(kernel, kind: str) -> None:
    manager, client = kernel
    with served() as server:
        connect(client, server, kind)
        sent = []

        def stop() -> None:
            server.slow.wait(20)
            time.sleep(1.2)  # until the line that tells of the progress is there
            sent.append(time.monotonic())
            os.kill(manager.provisioner.pid, signal.SIGINT)

        threading.Thread(target=stop, daemon=True).start()
        reply, messages = run(client, "%%kql far\nSLOW | take 1")
        latency_s = time.monotonic() - sent[0]
        assert reply["ename"] == "HuntInterrupt"
        assert any(" kB" in one["text/plain"] for one in data(messages, "display_data"))
        if kind == "kusto":
            assert any(".cancel query" in body["csl"] for body in server.bodies("/mgmt"))
        print(f"{kind}: {latency_s * 1e3:.0f} ms from the signal to the cell's end")
        assert latency_s < 20  # the service would take 30
        _, messages = run(client, "%%kql far\nT")
        assert "host2" in data(messages, "execute_result")[0]["text/html"]


def test_a_service_that_is_gone_says_so_and_answers_when_it_is_back(kernel) -> None:
    _, client = kernel
    with served() as server:
        connect(client, server, "kusto")
        assert run(client, "%%kql far\nT")[0]["status"] == "ok"
        port = server.server_port
    reply, messages = run(client, "%%kql far -o kept\nT")
    assert "the connection far was lost; it is made again" in str(messages)
    assert reply["ename"] == "HuntError"
    assert "no connection; check the address" in reply["evalue"]
    with served(port):
        _, messages = run(client, "%%kql far\nT")
        assert "host2" in data(messages, "execute_result")[0]["text/html"]
