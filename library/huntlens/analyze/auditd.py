"""Linux audit records into events: one row for each event, whose records the log writes as lines of their own.

An event is known by its host and its whole id (time and serial): the serial begins anew at a boot, and several events
share a millisecond. Values that the log writes in hexadecimal are decoded, the arguments of a command are joined again.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

COLUMNS: Final = (
    "TimeGenerated", "Computer", "serial", "EventType", "types", "pid", "ppid", "uid", "auid", "ses", "user", "acct",
    "exe", "comm", "cmdline", "cwd", "paths", "syscall", "success", "exit", "key", "tty", "addr", "op", "res",
    "lines",
)  # fmt: skip
RAW: Final = ("RawData", "SyslogMessage", "message", "Message", "raw")
"""Columns that usually hold the lines."""
HOSTS: Final = ("Computer", "HostName", "host", "hostname")

_LINE: Final = re.compile(r"type=(([A-Z][A-Z0-9_]*|UNKNOWN\[\d+\]) (?:msg=)?audit\((\d+\.\d+):(\d+)\):? *(.*))")
_NODE: Final = re.compile(r"(?:^|\s)node=(\S+) $")
_FIELD: Final = re.compile(r"(?<![\w-])([\w-]+(?:\[\d+\])?)=(\"[^\"]*\"?|[^\s\"]\S*|)")
_HEX: Final = re.compile(r"(?:[0-9A-F]{2})+")
_ARGUMENT: Final = re.compile(r"a(\d+)(?:\[(\d+)\])?")
_ENCODED: Final = frozenset(("proctitle", "cmd", "name", "comm", "exe", "cwd", "acct", "path", "data", "grp", "new"))
_COMMANDS: Final = frozenset(("EXECVE", "AUOMS_EXECVE"))
_APART: Final = frozenset(("PATH", "EXECVE", "PROCTITLE", "EOE"))
_NUMBERS: Final = ("pid", "ppid", "uid", "auid", "ses", "exit")
_UNSET: Final = ("4294967295", "-1")
_WANTED: Final = frozenset((*COLUMNS[5:-1], "proctitle", "cmd", "name", "UID", "hostname"))
_OTHER_NAMES: Final = {"proctitle": "cmdline", "cmd": "cmdline", "UID": "user", "hostname": "addr", "name": "path"}
_LARGEST: Final = 2**63 - 1
_NONE: Final = frozenset(("?", "(null)", "(none)", ""))
_MOST_LAYOUTS: Final = 64
_WORTH: Final = 20
Record = dict[str, str]


def read(path: str | Path, *, host: str = "") -> pd.DataFrame:
    """The events of a log file; see `events`. Raises `DataError` if the file cannot be read."""
    try:
        text = Path(path).read_text(encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    return events(text, host=host)


def events(data: Any, column: str = "", *, host: str = "") -> pd.DataFrame:
    r"""One row for each audit event of a text, of lines, or of a frame of Syslog or AuditLog_CL rows.

    `column` holds the lines in a frame, else the first of `RAW`; the host is the `node` of a line, else the row's
    `Computer`, else `host`. Columns: `TimeGenerated`, `Computer` and `serial`; `EventType` (that of the record which
    says most; `EXECVE` for a process that starts) and `types` of all records; `pid`, `ppid`, `uid`, `auid`, `ses` and
    `exit` as numbers; `user`, `acct`, `exe`, `comm`, `cmdline` (all arguments, or what sudo ran), `cwd`, `paths`,
    `syscall`, `success`, `key`, `tty`, `addr`, `op`, `res`; and `lines`, the records as they were (`fields` reads all
    that is in them). Lines that are no audit records are left out. `process_tree.build` takes the frame as it is.
    Raises `DataError` for a frame without such a column.

    >>> log = 'type=EXECVE msg=audit(1551487424.869:7): argc=2 a0="sh" a1=6C73202D6C\n'
    >>> events(log)[["serial", "EventType", "cmdline"]].values.tolist()
    [[7, 'EXECVE', "sh 'ls -l'"]]
    """
    return _frame(_Log.of(_texts(data, column, host)))


def fields(lines: Iterable[str]) -> list[Record]:
    """All fields of audit lines, decoded, each with its `type`.

    >>> fields(["type=CWD msg=audit(1551487424.869:7): cwd=2F746D70"])
    [{'type': 'CWD', 'cwd': '/tmp'}]
    """
    found = []
    for line in lines:
        for match in _LINE.finditer(line):
            kind, body = match[2], _unwrap(match[5])[0]
            found.append({"type": kind, **{name: _value(kind, name, value) for name, value in _FIELD.findall(body)}})
    return found


def starts(data: pd.DataFrame) -> pd.DataFrame:
    """The events that start a process, of what `events` gave."""
    return data[data["EventType"] == "EXECVE"]


def _texts(data: Any, column: str, host: str) -> Iterator[tuple[str, str]]:
    """Host and text, row by row, or all lines as one."""
    if isinstance(data, str):
        yield host, data
        return
    if not isinstance(data, pd.DataFrame):
        yield host, "\n".join(str(line) for line in data if isinstance(line, str))
        return
    if column and column not in data.columns:
        raise DataError(f"the frame has no column '{column}'; it has: {', '.join(map(str, data.columns))}")
    chosen = column or next((name for name in RAW if name in data.columns), "")
    if not chosen:
        raise DataError(f"no column of audit lines ({', '.join(RAW)}) was found; name it: column=...")
    named = next((name for name in HOSTS if name in data.columns), "")
    names: Iterable[object] = data[named] if named else [host] * len(data)
    for name, text in zip(names, data[chosen], strict=True):
        if isinstance(text, str):
            yield (name if isinstance(name, str) else host), text


@dataclass(frozen=True, slots=True)
class _Log:
    """The records of a log, in flat lists: the event of each (a place in `keys`), its type, line, and where it begins.

    Flat, because a list and a dict for each event would keep the cyclic collector busy for a fifth of the time.
    """

    keys: list[tuple[str, str, str]]
    events: list[int]
    kinds: list[str]
    lines: list[str]
    bodies: list[int]

    @classmethod
    def of(cls, texts: Iterable[tuple[str, str]]) -> _Log:
        known: dict[tuple[str, str, str], int] = {}
        log = cls([], [], [], [], [])
        for host, text in texts:
            for match in _LINE.finditer(text):
                line, kind, moment, serial, _ = match.groups()
                key = (_node(text, match.start()) or host, moment, serial)
                log.events.append(known.setdefault(key, len(known)))
                log.kinds.append(kind)
                log.lines.append("type=" + line)
                log.bodies.append(match.start(5) - match.start())
        log.keys.extend(known)
        return log

    def by_event(self) -> Iterator[list[int]]:
        """The places of the records of each event."""
        events = np.array(self.events, dtype=np.int64)
        order = np.argsort(events, kind="stable").tolist()
        ends = np.cumsum(np.bincount(events, minlength=len(self.keys))).tolist()
        return (order[start:end] for start, end in zip([0, *ends], ends, strict=False))


def _node(text: str, start: int) -> str:
    """The host that a line names in front of its type."""
    if start == 0 or text[start - 1] == "\n":
        return ""
    match = _NODE.search(text, max(text.rfind("\n", 0, start) + 1, start - 300), start)
    return match[1] if match is not None else ""


class _Parser:
    """The fields that become columns; a layout (keys and quotes in order) that comes again gets its own pattern.

    Such a pattern reads a line four times as fast. The number of patterns is bounded, whatever the log brings.
    """

    def __init__(self) -> None:
        self.layouts: dict[str, list[Callable[[str], Record | None]]] = {}
        self.seen: dict[tuple[Any, ...], int] = {}
        self.count = 0

    def __call__(self, kind: str, body: str) -> Record:
        known = self.layouts.get(kind)
        if known is not None:
            for layout in known:
                record = layout(body)
                if record is not None:
                    return record
        plain, wrapped = _unwrap(body)
        pairs = _FIELD.findall(plain)
        if self.count < _MOST_LAYOUTS:
            self._learn(kind, pairs, plain, wrapped=wrapped)
        return {name: _value(kind, name, value) for name, value in pairs if _wanted(kind, name)}

    def _learn(self, kind: str, pairs: list[tuple[str, str]], plain: str, *, wrapped: bool) -> None:
        shape = (kind, wrapped, *((name, value[:1] == '"') for name, value in pairs))
        self.seen[shape] = seen = self.seen.get(shape, 0) + 1
        if seen == _WORTH and len({name for name, _ in pairs}) == len(pairs):
            self.layouts.setdefault(kind, []).append(_layout(kind, pairs, plain, wrapped=wrapped))
            self.count += 1
        if len(self.seen) > 10_000:
            self.seen.clear()


def _unwrap(body: str) -> tuple[str, bool]:
    """The fields that a user program wrote stand in quotes of their own: `msg='...'`."""
    start = body.find("msg='")
    if start < 0:
        return body, False
    return body[:start] + body[start + 5 :].rstrip().removesuffix("'"), True


def _layout(kind: str, pairs: list[tuple[str, str]], plain: str, *, wrapped: bool) -> Callable[[str], Record | None]:
    names = [name for name, _ in pairs if _wanted(kind, name)]
    quoted = [value[:1] == '"' for _, value in pairs]
    pattern, at = [], 0
    for (name, value), in_quotes in zip(pairs, quoted, strict=True):
        place = plain.index(f"{name}={value}", at)
        between = r"\s+" if plain[at:place].isspace() else re.escape(plain[at:place])
        value_pattern = r'"{}[^"]*+{}"' if in_quotes else r'{}[^\s"]*+{}'
        pattern.append(
            f"{between}{re.escape(name)}=" + value_pattern.format(*("()" if name in names else ("(?:", ")")))
        )
        at = place + len(name) + 1 + len(value)
    match = re.compile("".join(pattern) + r"\s*").fullmatch
    hexes = {name for (name, _), in_quotes in zip(pairs, quoted, strict=True) if not in_quotes and _encoded(kind, name)}
    encoded = [name for name in names if name in hexes]

    def parse(body: str) -> Record | None:
        found = match(_unwrap(body)[0] if wrapped else body)
        if found is None:
            return None
        record = dict(zip(names, found.groups(), strict=True))
        for name in encoded:
            record[name] = _decoded(record[name])
        return record

    return parse


def _value(kind: str, name: str, value: str) -> str:
    if value[:1] == '"':
        return value.strip('"')
    return _decoded(value) if _encoded(kind, name) else value


@lru_cache(maxsize=4096)
def _encoded(kind: str, name: str) -> bool:
    """Whether hexadecimal digits stand for text here; the arguments of a system call are numbers."""
    return name in _ENCODED or (kind == "EXECVE" and _ARGUMENT.fullmatch(name) is not None)


@lru_cache(maxsize=4096)
def _wanted(kind: str, name: str) -> bool:
    return name in _WANTED or _encoded(kind, name)


@lru_cache(maxsize=65_536)
def _decoded(value: str) -> str:
    if len(value) < 2 or not _HEX.fullmatch(value) or len(value) % 2:
        return value
    return bytes.fromhex(value).rstrip(b"\0").decode("utf-8", "backslashreplace")


# --- events ----------------------------------------------------------------------------------------------------


def _frame(log: _Log) -> pd.DataFrame:
    parsed = _Parser()
    types: list[list[str]] = []
    lines: list[list[str]] = []
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS[5:-1]}
    for places in log.by_event():
        types.append([log.kinds[at] for at in places])
        lines.append([log.lines[at] for at in places])
        merged: dict[str, Any] = {}
        for at in places:
            _merge(merged, log.kinds[at], parsed(log.kinds[at], log.lines[at][log.bodies[at] :]))
        for name, values in columns.items():
            values.append(merged.get(name))
    frame = pd.DataFrame({"TimeGenerated": _moments([moment for _, moment, _ in log.keys])})
    frame["Computer"] = pd.Series([host for host, _, _ in log.keys], dtype=object)
    frame["serial"] = np.array([min(int(serial), _LARGEST) for _, _, serial in log.keys], dtype="int64")
    frame["EventType"] = pd.Series([_event_type(kinds) for kinds in types], dtype=object)
    frame["types"] = pd.Series(types, dtype=object)
    for name, values in columns.items():
        frame[name] = _numbers(values) if name in _NUMBERS else _texts_of(name, values)
    frame["lines"] = pd.Series(lines, dtype=object)
    return frame


def _moments(seconds: Sequence[str]) -> pd.Series[Any]:
    micros = [
        int(whole) * 1_000_000 + int(part[:6].ljust(6, "0")) for whole, _, part in (s.partition(".") for s in seconds)
    ]
    latest = 253_402_300_799_000_000
    return pd.Series(np.array([min(one, latest) for one in micros], dtype="int64").view("datetime64[us]"))


def _numbers(values: Sequence[Any]) -> pd.Series[Any]:
    """Whole numbers; what is not set (all bits one) is missing."""
    table = {value: _number(value) for value in set(values)}
    return pd.Series(pd.array([table[value] for value in values], dtype="Int64"))


def _number(value: Any) -> int | None:
    if value is None:
        return None
    bare = value.strip('"')
    try:
        number = int(bare)
    except ValueError:
        return None
    return number if bare not in _UNSET and abs(number) < 2**62 else None


def _texts_of(name: str, values: Sequence[Any]) -> pd.Series[Any]:
    if name == "paths":
        return pd.Series([value or [] for value in values], dtype=object)
    return pd.Series(values, dtype=object)


def _event_type(kinds: list[str]) -> str:
    """`EXECVE` for a process that starts, else the first record that is no part of another."""
    if not _COMMANDS.isdisjoint(kinds):
        return "EXECVE"
    return next((kind for kind in kinds if kind not in _APART and kind != "CWD"), kinds[0])


def _merge(event: dict[str, Any], kind: str, record: Record) -> None:
    """Add a record to the fields of its event: the first that says something wins."""
    if kind == "PATH":
        event.setdefault("paths", []).append(record.get("name", ""))
        return
    if kind == "EXECVE":
        event["cmdline"] = _arguments(record)
        return
    for name, value in record.items():
        if name in _OTHER_NAMES:
            event.setdefault(_OTHER_NAMES[name], value.replace("\0", " "))
        elif value not in _NONE:
            event.setdefault(name, value)


def _arguments(fields: Record) -> str:
    """The command as a shell would take it; long arguments come in pieces: `a2[0]`, `a2[1]`."""
    pieces: list[tuple[int, int, str]] = []
    for name, value in fields.items():
        match = _ARGUMENT.fullmatch(name)
        if match is not None:
            pieces.append((int(match[1]), int(match[2] or 0), value))
    joined: dict[int, str] = {}
    for place, _, value in sorted(pieces):
        joined[place] = joined.get(place, "") + value
    return " ".join(_quoted(value) for value in joined.values())


@lru_cache(maxsize=65_536)
def _quoted(value: str) -> str:
    return shlex.quote(value)
