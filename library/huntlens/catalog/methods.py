"""What `df.hunt` offers beside plots and pivots: functions of analysis whose first argument is the frame.

A row here is all that a further method takes: frames, completion in a kernel and the editor read the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Method:
    """A method of `df.hunt`: its name, `module:function`, and what it gives."""

    name: str
    target: str
    summary: str


METHODS: Final[dict[str, Method]] = {
    name: Method(name, f"huntlens.{target}", summary)
    for name, target, summary in (
        ("anomalies", "analyze.timeseries:decompose", "counts or sums over time, what was expected, what stands out"),
        ("auditd", "analyze.auditd:events", "Linux audit lines as events"),
        ("base64", "analyze.base64:decode", "what encoded and packed texts stand for, as deep as they go"),
        ("beacons", "analyze.polling:beacons", "connections that come again at a steady pace"),
        ("cluster", "analyze.cluster:patterns", "one row of each kind of rows, and every row like no other"),
        ("forecast", "analyze.timeseries:forecast", "what season and trend lead to expect"),
        ("guessed_logons", "analyze.syslog:guessed", "SSH logons that worked after many failures"),
        ("ioc", "analyze.ioc:extract", "addresses, domains, URLs, hashes, paths and more in texts"),
        ("logon_sessions", "analyze.logon_sessions:sessions", "Windows logons with their ends"),
        ("mask", "mask.mask:mask", "the frame with names, addresses and free text masked"),
        ("outliers", "analyze.outliers:rank", "the rows that stand out most, and why"),
        (
            "pivot",
            "pivots.accessor:pivot",
            "a pivot over a column: df.hunt.pivot('Host.windows.logons', column='Computer')",
        ),
        ("risk", "analyze.command_line:risk", "what is suspicious about command lines, with reasons"),
        ("risky_sudo", "analyze.syslog:risky", "commands of sudo that are worth a look, with reasons"),
        ("score_sessions", "analyze.sequences:score", "how likely sessions are, the least likely first"),
        ("sessions", "analyze.sessions:sessionize", "rows into sessions of one user, host or address"),
        ("ssh_logons", "analyze.syslog:logons", "logons over SSH in Syslog rows"),
        ("sudo", "analyze.syslog:sudo", "commands that were run through sudo"),
        ("sudo_sessions", "analyze.syslog:sudo_sessions", "sessions that sudo opened and closed"),
        ("ti", "enrich.lookup:lookup", "what services of threat intelligence say of the values of a column"),
        ("tree", "analyze.process_tree:build", "process events as a tree to walk in"),
        ("verdicts", "viz.verdicts:verdicts", "what services say about indicators, a card each"),
    )
}
