"""From rows to findings: functions over texts and frames, which draw nothing and fetch nothing."""

from __future__ import annotations

from huntlens._lazy import lazy

PUBLIC = {
    "auditd": "huntlens.analyze.auditd",
    "base64": "huntlens.analyze.base64",
    "cluster": "huntlens.analyze.cluster",
    "command_line": "huntlens.analyze.command_line",
    "features": "huntlens.analyze.features",
    "ioc": "huntlens.analyze.ioc",
    "ip": "huntlens.analyze.ip",
    "logon_sessions": "huntlens.analyze.logon_sessions",
    "observations": "huntlens.analyze.observations",
    "outliers": "huntlens.analyze.outliers",
    "polling": "huntlens.analyze.polling",
    "process_tree": "huntlens.analyze.process_tree",
    "sequences": "huntlens.analyze.sequences",
    "sessions": "huntlens.analyze.sessions",
    "syslog": "huntlens.analyze.syslog",
    "timeseries": "huntlens.analyze.timeseries",
}

__getattr__, __dir__ = lazy(__name__, PUBLIC)
