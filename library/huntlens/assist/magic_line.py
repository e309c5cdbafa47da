"""The magics and their options, once: what the kernel runs, and what completion, hover and checks know.

`parse_line` reads what stands behind a magic's name into words with their places; it serves the kernel, which
raises on its problems, and the editor, which shows them.

>>> line = parse_line(MAGICS["kql"], " local -o failed --limit 10")
>>> line.value("connection"), line.value("out"), line.value("limit"), line.problems
('local', 'failed', '10', ())
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal

from huntlens.kql.diagnostics import Diagnostic, Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Container

ValueKind = Literal[
    "action", "flag", "name", "connection", "query", "pivot", "values", "frame", "column", "timespan", "number", "pair",
    "choice", "kql", "text",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """An option `--name VALUE` of a magic, with its one-letter form; `choices` where only some values will do."""

    name: str
    value: ValueKind
    doc: str
    short: str = ""
    choices: tuple[str, ...] = ()
    repeat: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """How it is written, the long way first."""
        return (f"--{self.name}", *((f"-{self.short}",) if self.short else ()))

    @property
    def usage(self) -> str:
        """How it is written with its value."""
        written = ", ".join(reversed(self.flags))
        shown = {"flag": "", "pair": " NAME=VALUE", "choice": " " + "|".join(self.choices)}
        return f"{written}{shown.get(self.value, ' ' + self.value.upper())}"


@dataclass(frozen=True, slots=True)
class Argument:
    """A word of a magic line by its place; `rest` takes all words that follow."""

    name: str
    value: ValueKind
    doc: str
    required: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class MagicSpec:
    """A magic: what its line takes, what its cell body is."""

    name: str
    doc: str
    example: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    body: Literal["", "kql", "text"] = ""
    """What the lines below are; empty for a magic that has no cell form."""
    line: bool = True
    """Whether `%name` exists beside `%%name`."""
    notes: str = ""
    """What a reader of its help should know besides."""

    def option(self, name: str) -> Option | None:
        """The option of that long name."""
        return next((option for option in self.options if option.name == name), None)

    @property
    def usage(self) -> str:
        """The line as a manual page writes it."""
        words = [f"%{self.name}", *(_argument_usage(one) for one in self.arguments)]
        return " ".join([*words, *(f"[{option.usage}]" for option in self.options)])


_OUT: Final = Option("out", "name", "Keep the result in this variable.", short="o")
_TIMESPAN: Final = Option(
    "timespan", "timespan", "Rows of this time only: `7d`, `-3d@d`, or `2026-01-01/2026-01-08`.", short="t"
)
_LIMIT: Final = Option("limit", "number", "Stop after so many rows.", short="n")
_TIMEOUT: Final = Option("timeout", "number", "Give up after so many seconds.")
_DRY: Final = Option("dry-run", "flag", "Show the query that would be sent, and what is wrong with it; send nothing.")
_SILENT: Final = Option("silent", "flag", "Show nothing but errors.", short="s")
_COLUMN: Final = Option("column", "column", "The column of the frame to read.", short="c")
_CONNECTION: Final = Option("connection", "connection", "The connection to use, where it is not the current one.")
_ON: Final = Argument("connection", "connection", "The connection to use, where it is not the current one.")
# As `analyze.ioc` reports them; a test compares the two, since this half must not import that one.
IOC_TYPES: Final = (
    "url", "email", "registry_key", "windows_path", "linux_path", "md5_hash", "sha1_hash", "sha256_hash", "sha512_hash",
    "imphash", "ipv4", "version", "ipv6", "dns", "mac_address", "cve", "attack_id", "bitcoin", "ethereum", "monero",
)  # fmt: skip
HUNT_ACTIONS: Final = {
    "connect": "Connect: `connect local data/ logs.zip`, `connect sentinel name=prod workspace=...`.",
    "connections": "List the connections, and which one is current.",
    "use": "Make a connection the current one.",
    "close": "Close a connection.",
    "tables": "List the tables of a connection.",
    "schema": "Show the columns of a table.",
    "queries": "List the queries of the catalogue, or those whose name holds the words.",
    "search": "Search the catalogue: names, tables, entities, techniques.",
    "browse": "Look through the queries on a page: search, parameters, calls to copy.",
    "run": "Run a query of the catalogue: `run windows.logons host=web01`.",
    "timespan": "Show or set the time range of the session: `timespan 7d`.",
    "status": "Show connections, time range and what was loaded.",
    "traceback": "Show the whole traceback of the last error.",
    "autoload": "Load the extension in every notebook: `autoload on` or `autoload off`.",
    "doctor": "Check the installation and say what is missing.",
}

MAGICS: Final[dict[str, MagicSpec]] = {
    spec.name: spec
    for spec in (
        MagicSpec(
            "kql",
            "Run a KQL query: on the current connection, or on data frames and files with none set up.",
            "%%kql -o failed --timespan 7d\nSecurityEvent\n| where EventID == 4625",
            (_ON,),
            (
                _OUT,
                _TIMESPAN,
                Option("param", "pair", "A value for a declared query parameter.", short="p", repeat=True),
                _LIMIT,
                _TIMEOUT,
                Option("engine", "choice", "Where local data is worked on.", choices=("local", "spark")),
                Option("sql", "flag", "Show the SQL that runs on local data."),
                _DRY,
                Option("grid", "flag", "Show a live grid for many rows (extra `widgets`)."),
                Option("save", "name", "Keep the query under this name: other queries call it as `name()`."),
                _SILENT,
            ),
            body="kql",
            notes="Data frames are tables by the names of their variables; other variables that the query names go "
            "along as typed values, never as text. `failed <<` in front of the line is the same as `-o failed`.",
        ),
        MagicSpec(
            "hunt",
            "Connections, tables, queries and the time range of this session.",
            "%hunt connect local data/",
            (
                Argument("action", "action", "What to do; without one the state of the session is shown."),
                Argument("values", "values", "What the action works on.", rest=True),
            ),
            (_CONNECTION, _OUT, _TIMESPAN, _LIMIT, _TIMEOUT, _DRY, _SILENT),
        ),
        MagicSpec(
            "pivot",
            "Ask about an entity: run a pivot over a value, several values, or a variable.",
            "%pivot Host.windows.logons web01 --timespan 7d",
            (
                Argument("pivot", "pivot", "Entity and pivot: `Host.windows.logons`.", required=True),
                Argument("values", "text", "Values, or the name of a variable that holds them.", rest=True),
            ),
            (
                _COLUMN,
                Option(
                    "join", "choice", "How results join what was asked.", choices=("none", "left", "inner", "right")
                ),
                Option("param", "pair", "A value for a further parameter of the pivot.", short="p", repeat=True),
                _CONNECTION,
                _OUT,
                _TIMESPAN,
                _SILENT,
            ),
        ),
        MagicSpec(
            "ioc",
            "Find indicators: addresses, domains, URLs, hashes, paths in a text, a variable or the cell below.",
            "%ioc alerts --column Description --types ipv4,dns",
            (Argument("data", "frame", "A variable, or the text itself.", rest=True),),
            (
                _COLUMN,
                Option("defang", "flag", "Write them so that nobody follows them: `hxxp://evil[.]example`."),
                Option("types", "choice", "Only these kinds, joined by commas.", choices=IOC_TYPES),
                _OUT,
                _SILENT,
            ),
            body="text",
        ),
        MagicSpec(
            "b64",
            "Decode base64, as deep as it is nested, in a text, a variable or the cell below.",
            "%b64 processes --column CommandLine",
            (Argument("data", "frame", "A variable, or the text itself.", rest=True),),
            (_COLUMN, _OUT, _SILENT),
            body="text",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line: its value without quotes, and its span within the line."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read: words by argument or option name; a flag that is set holds the flag itself."""

    spec: MagicSpec
    words: dict[str, tuple[Word, ...]]
    problems: tuple[Diagnostic, ...]
    keys: tuple[tuple[Option, Word], ...]

    def value(self, name: str) -> str:
        """The (first) value of an argument or option; empty where it was not given."""
        return next((word.value for word in self.words.get(name, ())), "")

    def values(self, name: str) -> list[str]:
        """All values of an argument or option."""
        return [word.value for word in self.words.get(name, ())]

    def given(self, name: str) -> bool:
        """Whether an argument or option was given."""
        return name in self.words

    def pairs(self, name: str = "param") -> dict[str, str]:
        """Values of the form `key=value`."""
        split = (value.partition("=") for value in self.values(name))
        return {key: value for key, _, value in split}


_WORD: Final = re.compile(r"""(?:[^\s"']+|"(?:[^"\\]|\\.)*"?|'[^']*'?)+""")
_QUOTED: Final = re.compile(r""""((?:[^"\\]|\\.)*)"?|'([^']*)'?""")
_ASSIGN: Final = re.compile(r"\s*([A-Za-z_]\w*)\s*<<(?=\s|\Z)")
_NUMBER: Final = re.compile(r"\d[\d_]*(?:\.\d+)?\Z")


def words(line: str) -> list[Word]:
    """The words of a line; quotes keep spaces together and are taken off.

    >>> [word.value for word in words('a "b c" d="e f"')]
    ['a', 'b c', 'd=e f']
    """
    return [Word(_unquote(match[0]), *match.span()) for match in _WORD.finditer(line)]


def parse_line(spec: MagicSpec, line: str, *, inline: bool = False, connections: Container[str] = ()) -> Line:
    """What a magic's line says; never raises, what is wrong with it is among the `problems`.

    `inline` is for `%kql`, where the query stands on the line itself: it begins with the first word that is neither
    an option nor one of the `connections`, and is given as `query`.

    >>> parse_line(MAGICS["kql"], " -o x T | where a == 'b c'", inline=True).value("query")
    "T | where a == 'b c'"
    """
    found: dict[str, list[Word]] = {}
    keys: list[tuple[Option, Word]] = []
    problems: list[Diagnostic] = []
    loose: list[Word] = []
    assign = _ASSIGN.match(line) if spec.option("out") else None
    if assign:
        found["out"] = [Word(assign[1], *assign.span(1))]
    rest = [word for word in words(line) if assign is None or word.start >= assign.end()]
    while rest:
        word = rest.pop(0)
        if inline and spec.body == "kql" and not _is_option(word) and (loose or word.value not in connections):
            found["query"] = [Word(line[word.start :].rstrip(), word.start, len(line.rstrip()))]
            break
        if not _is_option(word) or _is_text(spec, word):
            loose.append(word)
            continue
        _read_option(spec, word, rest, found, keys, problems)
    _place(spec, loose, found, problems)
    problems += _wrong_values(spec, found)
    problems += [
        Diagnostic("HL203", "missing-argument", "error", 0, len(line.rstrip()), f"%{spec.name} needs: {one.doc}")
        for one in spec.arguments
        if one.required and one.name not in found
    ]
    return Line(spec, {name: tuple(values) for name, values in found.items()}, tuple(problems), tuple(keys))


def output_name(name: str, arguments: str) -> str:
    """The variable that a magic line fills; empty where it fills none.

    >>> output_name("kql", " failed << local"), output_name("kql", " -o df"), output_name("time", " -o df")
    ('failed', 'df', '')
    """
    spec = MAGICS.get(name)
    return parse_line(spec, arguments).value("out") if spec and ("-o" in arguments or "<<" in arguments) else ""


def _argument_usage(argument: Argument) -> str:
    written = argument.name + ("..." if argument.rest else "")
    return written if argument.required else f"[{written}]"


def _unquote(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        return re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else (match[2] or "")

    return _QUOTED.sub(plain, text)


def _is_option(word: Word) -> bool:
    return word.value[:1] == "-" and not word.value[1:2].isdigit()


def _is_text(spec: MagicSpec, word: Word) -> bool:
    """Whether a word with one dash is part of the text that a magic takes (`%b64 powershell -enc ...`)."""
    flag = word.value.partition("=")[0]
    return spec.body == "text" and not flag.startswith("--") and not any(flag in one.flags for one in spec.options)


def _read_option(
    spec: MagicSpec,
    word: Word,
    rest: list[Word],
    found: dict[str, list[Word]],
    keys: list[tuple[Option, Word]],
    problems: list[Diagnostic],
) -> None:
    flag, equals, value = word.value.partition("=")
    option = next((one for one in spec.options if flag in one.flags), None)
    if option is None:
        problems.append(_unknown_option(spec, flag, word))
        return
    keys.append((option, word))
    if option.value == "flag":
        given = word
    elif equals:
        given = Word(value, word.start + len(flag) + 1, word.end)
    elif rest and not _is_option(rest[0]):
        given = rest.pop(0)
    else:
        message = f"{flag} needs a value: {option.doc}"
        problems.append(Diagnostic("HL202", "missing-value", "error", word.start, word.end, message))
        return
    if option.name in found and not option.repeat:
        message = f"{flag} is given more than once; the last one counts"
        problems.append(Diagnostic("HL206", "repeated-option", "warning", word.start, word.end, message))
        found[option.name] = []
    found.setdefault(option.name, []).append(given)


def _unknown_option(spec: MagicSpec, flag: str, word: Word) -> Diagnostic:
    near = get_close_matches(flag, [one for option in spec.options for one in option.flags], n=1)
    end = word.start + len(flag)
    fixes = tuple(Fix(f"Change to {one}", (Edit(word.start, end, one),)) for one in near)
    message = f"%{spec.name} has no option {flag}" + (f"; did you mean {near[0]}?" if near else "")
    return Diagnostic("HL201", "unknown-option", "error", word.start, end, message, fixes)


def _place(spec: MagicSpec, loose: list[Word], found: dict[str, list[Word]], problems: list[Diagnostic]) -> None:
    for argument in spec.arguments:
        if argument.rest:
            taken, loose = loose, []
        else:
            taken, loose = loose[:1], loose[1:]
        if taken:
            found[argument.name] = taken
        if argument.value == "action":
            problems += [_unknown_action(word) for word in taken if word.value not in HUNT_ACTIONS]
    problems += [
        Diagnostic("HL204", "unexpected-word", "error", word.start, word.end, f"%{spec.name} takes no further word")
        for word in loose
    ]


def _unknown_action(word: Word) -> Diagnostic:
    near = get_close_matches(word.value, HUNT_ACTIONS, n=1)
    fixes = tuple(Fix(f"Change to {one}", (Edit(word.start, word.end, one),)) for one in near)
    hint = f"did you mean {near[0]}?" if near else f"it knows {', '.join(HUNT_ACTIONS)}"
    message = f"%hunt cannot '{word.value}'; {hint}"
    return Diagnostic("HL207", "unknown-action", "error", word.start, word.end, message, fixes)


def _wrong_values(spec: MagicSpec, found: dict[str, list[Word]]) -> list[Diagnostic]:
    return [
        Diagnostic("HL205", "wrong-value", "error", word.start, word.end, message)
        for option in spec.options
        for word in found.get(option.name, ())
        if (message := _wrong_value(option, word.value))
    ]


def _wrong_value(option: Option, value: str) -> str:
    flag = f"--{option.name}"
    if option.value == "number" and not _NUMBER.match(value):
        return f"{flag} takes a number"
    if option.value == "pair" and "=" not in value:
        return f"{flag} takes name=value"
    if option.value == "name" and not value.isidentifier():
        return f"{flag} takes a name for a variable"
    if option.value == "choice":
        unknown = [one for one in value.split(",") if one not in option.choices]
        if unknown:
            return f"{flag} knows {', '.join(option.choices)}"
    return ""
