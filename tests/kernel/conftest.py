"""A shell in this process for most tests, one real kernel for what only a kernel can show."""

from __future__ import annotations

import os

import pandas as pd
import pytest

KEPT = frozenset({"In", "Out", "_", "__", "___", "get_ipython", "exit", "quit", "open", "_ih", "_oh", "_dh"})


@pytest.fixture(scope="session")
def _shell(tmp_path_factory):
    os.environ["IPYTHONDIR"] = str(tmp_path_factory.mktemp("ipython"))
    os.environ["HUNTLENS_RUNTIME_DIR"] = str(tmp_path_factory.mktemp("runtime"))
    from IPython.testing.globalipapp import get_ipython, start_ipython

    shell = start_ipython() or get_ipython()
    shell.Completer.use_jedi = False
    return shell


@pytest.fixture
def ip(_shell):
    """A shell with the extension freshly loaded and none of the variables of the test before."""
    _shell.run_line_magic("load_ext", "huntlens_kernel")
    yield _shell
    _shell.run_line_magic("unload_ext", "huntlens_kernel")
    for name in [name for name in _shell.user_ns if name not in KEPT and not name.startswith("_i")]:
        del _shell.user_ns[name]


@pytest.fixture
def logons(ip):
    ip.user_ns["logons"] = pd.DataFrame(
        {
            "TimeGenerated": pd.date_range("2026-03-01", periods=4, freq="h"),
            "Account": ["ana", "bob", "bob", "eve"],
            "EventID": [4624, 4625, 4625, 4688],
        }
    )
    return ip


FORGET = """
from huntlens_kernel import current as _current
_session = _current(get_ipython())
_session.close(); _session.current = _session.timespan = ""
"""


@pytest.fixture
def kernel(_kernel):
    """A real kernel with the extension loaded, and without the connections of the test before."""
    _kernel[1].execute_interactive(FORGET, timeout=60, silent=True)
    return _kernel


@pytest.fixture(scope="session")
def _kernel(tmp_path_factory):
    from jupyter_client.manager import start_new_kernel

    runtime = tmp_path_factory.mktemp("published")
    env = {**os.environ, "HUNTLENS_RUNTIME_DIR": str(runtime), "IPYTHONDIR": str(tmp_path_factory.mktemp("profile"))}
    manager, client = start_new_kernel(kernel_name="python3", env=env)
    manager.runtime = runtime
    reply = client.execute_interactive("%load_ext huntlens_kernel", timeout=60)
    assert reply["content"]["status"] == "ok"
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
