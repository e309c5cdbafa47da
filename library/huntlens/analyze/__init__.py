"""From rows to findings: functions over texts and frames, which draw nothing and fetch nothing."""

from __future__ import annotations

from huntlens._lazy import lazy

PUBLIC = {
    "auditd": "huntlens.analyze.auditd",
    "base64": "huntlens.analyze.base64",
    "command_line": "huntlens.analyze.command_line",
    "ioc": "huntlens.analyze.ioc",
    "ip": "huntlens.analyze.ip",
    "polling": "huntlens.analyze.polling",
    "process_tree": "huntlens.analyze.process_tree",
    "sequences": "huntlens.analyze.sequences",
    "sessions": "huntlens.analyze.sessions",
    "timeseries": "huntlens.analyze.timeseries",
}

__getattr__, __dir__ = lazy(__name__, PUBLIC)
