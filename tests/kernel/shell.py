"""Cells in a shell of this process: what they give, what they show."""

from __future__ import annotations

from IPython.utils.capture import capture_output


def run(ip, cell: str):
    """The value of a cell that succeeds."""
    with capture_output() as captured:
        done = ip.run_cell(cell)
    assert done.success, captured.stdout
    return done.result


def error(ip, cell: str) -> str:
    """The lines that a failing cell shows."""
    with capture_output() as captured:
        done = ip.run_cell(cell)
    assert not done.success
    assert "Traceback" not in captured.stdout
    return captured.stdout
