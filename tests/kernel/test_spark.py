"""`%%kql --engine spark` in a real kernel: frames, results, stopping."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from cells import data, run

pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]

LONG = "range a from 1 to 2000000000000 step 1 | where a % 5 == 7 | count"


@pytest.fixture(scope="module")
def on_spark(_kernel):
    """The kernel, after its first query on Spark."""
    pytest.importorskip("pyspark")
    _, client = _kernel
    run(client, "import pandas as pd\nspark_rows = pd.DataFrame({'n': [1, 2, 3], 'Who': ['a', 'b', None]})")
    reply, messages = run(
        client, "%%kql --engine spark -o found\nspark_rows | where n > 1 | project n, Who", timeout=300
    )
    assert reply["status"] == "ok", reply
    return _kernel, messages


def test_frames_of_the_notebook(on_spark):
    (_, client), messages = on_spark
    (shown,) = data(messages, "execute_result")
    assert "data-huntlens-table" in shown["text/html"]
    _, messages = run(client, "found.values.tolist()")
    assert data(messages, "execute_result")[0]["text/plain"] == "[[2, 'b'], [3, '']]"


def test_what_is_shown_of_an_error(on_spark):
    (_, client), _ = on_spark
    reply, messages = run(client, "%%kql --engine spark\nspark_rows | evaluate narrow()")
    assert reply["ename"] == "HuntError"
    assert "Spark" in reply["evalue"]
    written = "".join(one["content"].get("text", "") for one in messages if one["msg_type"] == "stream")
    assert "org.apache" not in reply["evalue"] + written


def test_interrupt_stops_a_query(on_spark):
    (manager, client), _ = on_spark
    threading.Timer(2, os.kill, (manager.provisioner.pid, signal.SIGINT)).start()  # what the stop button does
    reply, _ = run(client, f"%%kql --engine spark\n{LONG}", timeout=60)
    assert (reply["status"], reply["ename"]) == ("error", "HuntInterrupt")
    again, _ = run(client, "%kql --engine spark print 1")
    assert again["status"] == "ok"


def test_a_time_limit(on_spark):
    (_, client), _ = on_spark
    reply, _ = run(client, f"%%kql --engine spark --timeout 1\n{LONG}", timeout=60)
    assert "QueryTimeoutError" in reply["evalue"]
    assert run(client, "%kql print 1")[0]["status"] == "ok"
