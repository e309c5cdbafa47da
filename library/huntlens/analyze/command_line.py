"""What is suspicious about command lines, and why: rules that give reasons, and measures of obfuscation.

A rule is a row: what it looks for, how grave it is, the ATT&CK technique, and the reason in words. What is hidden in
encoded arguments is decoded first and judged as well.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huntlens.analyze import base64
from huntlens.analyze.texts import as_series

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("row", "score", "reasons", "techniques", "lolbin", "entropy", "symbols", "decoded", "command_line")
_LEVELS: Final = ((5, "high"), (3, "medium"), (1, "low"))
_LONGEST: Final = 32_768
"""Windows allows no longer command line; what is longer is cut before it is judged."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a command line suspicious: all `patterns` stand in it, in any case and order.

    `score` runs from 1 (odd) to 5 (hardly ever harmless). Several short patterns take linear time where one that
    joins them by `.*` takes the square of the length, or worse.
    """

    name: str
    score: int
    technique: str
    reason: str
    patterns: tuple[re.Pattern[str], ...]

    def fits(self, text: str) -> bool:
        """Whether all patterns stand in a text."""
        return all(pattern.search(text) for pattern in self.patterns)


def _rule(name: str, score: int, technique: str, reason: str, *patterns: str) -> Rule:
    return Rule(name, score, technique, reason, tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns))


RULES: Final = (
    _rule(
        "encoded", 3, "T1027.010", "runs an encoded command",
        r"\s[-/]e(?:c|nc?|nco[a-z]*)?\s+[\"']?[A-Za-z0-9+/=]{16}",
    ),
    _rule("hidden window", 2, "T1564.003", "hides its window", r"\s[-/]w(?:in[a-z]*)?\s+(?:h(?:id[a-z]*)?|1)\b"),
    _rule("no profile", 1, "T1059.001", "skips the user's profile", r"\s[-/]nop(?:r[a-z]*)?\b"),
    _rule("policy bypass", 2, "T1059.001", "gets around the execution policy", r"\s[-/]e(?:p|xec[a-z]*)\s+bypass"),
    _rule(
        "download", 3, "T1105", "downloads something",
        r"download(?:string|file|data)|invoke-webrequest|\biwr\b|start-bitstransfer|net\.webclient",
    ),
    _rule("run text", 3, "T1059.001", "runs text as code", r"\biex\b|invoke-expression"),
    _rule(
        "certutil", 4, "T1105", "certutil downloads or decodes",
        r"\bcertutil\b", r"[-/](?:urlcache|decode|encode)\b",
    ),
    _rule("bitsadmin", 4, "T1197", "bitsadmin downloads", r"\bbitsadmin\b", r"[-/]transfer\b"),
    _rule("mshta", 4, "T1218.005", "mshta runs a script", r"\bmshta\b", r"https?:|vbscript:|javascript:"),
    _rule("regsvr32", 5, "T1218.010", "regsvr32 runs a remote script", r"\bregsvr32\b", r"[-/]i:\s?https?:"),
    _rule("rundll32 script", 5, "T1218.011", "rundll32 runs a script", r"\brundll32\b", r"javascript:"),
    _rule(
        "rundll32 folder", 3, "T1218.011", "rundll32 loads a library from a writable folder",
        r"\brundll32\b", r"\\(?:temp|appdata|programdata|public)\\",
    ),
    _rule(
        "memory dump", 5, "T1003.001", "dumps the memory of lsass",
        r"\bcomsvcs\b.{0,12}(?:minidump|#\+?0{0,9}24)|\bprocdump.{0,80}lsass|sekurlsa|lsass\.dmp",
    ),
    _rule(
        "hives", 5, "T1003.002", "saves credential hives",
        r"\breg\b", r"\ssave\s+[\"']?(?:hklm|hkey_local_machine)\\(?:sam|security|system)\b",
    ),
    _rule(
        "directory", 5, "T1003.003", "copies the data base of the directory",
        r"\bntdsutil\b|ntds\.dit|\bvssadmin\b.{0,12}\screate\s+shadow",
    ),
    _rule(
        "shadow copies", 5, "T1490", "removes what a recovery needs",
        r"\bvssadmin\b.{0,12}\sdelete\s|shadowcopy\s+delete|\bwbadmin\b.{0,12}\sdelete\s|recoveryenabled\s+no",
    ),
    _rule("clear logs", 4, "T1070.001", "clears event logs", r"\bwevtutil\b.{0,8}\s(?:cl|clear-log)\b|clear-eventlog"),
    _rule(
        "protection off", 4, "T1562.001", "turns protection off",
        r"(?:set|add)-mppreference|disableantispyware", r"disable|exclusion",
    ),
    _rule("firewall off", 4, "T1562.004", "turns the firewall off", r"advfirewall\s+set\s+\w+\s+state\s+off"),
    _rule("remote wmi", 4, "T1047", "starts a process on another machine", r"[-/]node:", r"process\s+call\s+create"),
    _rule(
        "remote command", 4, "T1021.006", "runs a command on another machine",
        r"invoke-command|invoke-wmimethod|invoke-cimmethod|\bwinrs\b", r"[-/](?:computer|r:|cn\b)",
    ),
    _rule(
        "psexec", 3, "T1021.002", "uses a tool or share of remote administration",
        r"\bpsexe(?:c|svc)|\\\\[\w.-]{1,64}\\admin\$",
    ),
    _rule("task", 2, "T1053.005", "creates a scheduled task", r"\bschtasks\b", r"[-/]create\b"),
    _rule("service", 2, "T1543.003", "creates a service", r"\bsc(?:\.exe)?[\"']?\s+(?:\\\\\S{1,64}\s+)?create\b"),
    _rule("run key", 3, "T1547.001", "writes to a run key", r"currentversion\\{1,2}run(?:once)?\b"),
    _rule(
        "user added", 3, "T1136", "adds a user or a member",
        r"\bnet1?(?:\.exe)?[\"']?\s+(?:user|localgroup|group)\s", r"\s/add\b",
    ),
    _rule(
        "discovery", 1, "T1087", "looks around",
        r"\b(?:whoami|nltest|dsquery|quser|systeminfo)\b|\bnet1?(?:\.exe)?[\"']?\s+group\s+[\"']?domain",
    ),
    _rule(
        "archive", 2, "T1560.001", "packs files under a password",
        r"\b(?:7z|rar|winrar)(?:\.exe)?[\"']?\s+a\s", r"\s-h?p",
    ),
    _rule("upload", 2, "T1048", "uploads a file", r"\bcurl\b", r"\s(?:-T|--upload-file|-F|--data-binary)\s"),
    _rule(
        "reverse shell", 5, "T1059.004", "opens a shell to elsewhere",
        r"/dev/tcp/|\bnc(?:at)?\s.{0,80}\s-e\s|\bsocat\b.{0,80}exec:|\bmkfifo\s",
    ),
    _rule(
        "pipe to shell", 4, "T1059.004", "runs what it downloads or decodes",
        r"\b(?:curl|wget)\s|\bbase64\s+(?:-d|--decode)", r"\|\s?(?:sudo\s)?(?:ba|z|da)?sh\b",
    ),
    _rule("history", 3, "T1070.003", "hides the history of the shell", r"history\s+-c|unset\s+histfile|\.bash_history"),
    _rule("carets", 3, "T1027", "breaks words with carets", r"(?:\^[a-z]){4}"),
    _rule("joined text", 3, "T1027", "joins its words from pieces", r"(?:['\"] ?\+ ?['\"][^'\"]{0,8}){3}"),
    _rule("characters", 4, "T1027", "builds text from character codes", r"(?:\[char\] ?\(?\d{1,3}\)?[^\[]{0,6}){4}"),
)  # fmt: skip

LOLBINS: Final = frozenset(
    "at bitsadmin certutil cmstp control csc cscript desktopimgdownldr diskshadow esentutl expand extrac32 findstr"
    " forfiles ftp gpscript hh ieexec infdefaultinstall installutil makecab mavinject microsoft.workflow.compiler mmc"
    " msbuild msconfig msdt mshta msiexec msxsl netsh odbcconf pcalua powershell presentationhost pwsh reg regasm"
    " regedit register-cimprovider regsvcs regsvr32 rpcping rundll32 runonce runscripthelper sc schtasks"
    " scriptrunner syncappvpublishingserver verclsid wab wmic wscript xwizard".split()
)
"""Programs of Windows that are known to be turned to other ends, without `.exe`."""

_IMAGE: Final = re.compile(r"\s*(?:\"([^\"]+)\"|(\S+))")
_SYMBOLS: Final = re.compile(r"[^\w\s.\\/:-]")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a command line: the rules that fit (also in what it hides), and its measures.

    `entropy` is in bits a character, `symbols` the share of characters that are neither words, spaces nor path signs.
    """

    rules: tuple[Rule, ...]
    lolbin: str
    entropy: float
    symbols: float
    decoded: tuple[str, ...]

    @property
    def score(self) -> int:
        """The sum of the rules' scores."""
        return sum(rule.score for rule in self.rules)


def judge(command_line: str) -> Judgement:
    """What is suspicious about a command line.

    >>> judged = judge("powershell -nop -w hidden -enc aQBlAHgAIAAkAGEAYgBjAGQAZQBmAA==")
    >>> judged.score, judged.decoded, [rule.name for rule in judged.rules]
    (9, ('iex $abcdef',), ['encoded', 'hidden window', 'no profile', 'run text'])
    """
    text = command_line[:_LONGEST]
    hidden = tuple(item.text for item in base64.unpack(text) if item.text)
    whole = "\n".join((text, *hidden))
    rules = tuple(rule for rule in RULES if rule.fits(whole))
    return Judgement(rules, _lolbin(text), _entropy(text), _share(text), hidden)


def risk(data: object, column: str | None = None, *, least: int = 1) -> pd.DataFrame:
    """The command lines of a list, a Series or a column of a frame that are suspicious, the worst first.

    Columns: `row` (index label of the input), `score`, `reasons`, `techniques`, `lolbin`, `entropy`, `symbols`,
    `decoded`, `command_line`. `least` is the lowest score that is kept. Raises `DataError` for an unknown column.

    >>> risk(["notepad a.txt", "wevtutil cl Security"]).reasons.tolist()
    [['clears event logs']]
    """
    import pandas as pd

    series = as_series(data, column)
    texts = series.dropna().astype(str)
    judged = {text: judge(text) for text in texts.unique()}
    rows = [_row(label, text, judged[text]) for label, text in texts.items() if judged[text].score >= least]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.sort_values("score", ascending=False, kind="stable", ignore_index=True)


def levels(data: object, column: str | None = None) -> pd.Series[str]:
    """How suspicious each command line is: `high` from a score of 5, `medium` from 3, `low` from 1, else empty.

    >>> levels(["vssadmin delete shadows", "whoami", None]).tolist()
    ['high', 'low', '']
    """
    texts = as_series(data, column).fillna("").astype(str)
    scores = {text: judge(text).score for text in texts.unique()}
    names = {text: next((name for least, name in _LEVELS if score >= least), "") for text, score in scores.items()}
    return texts.map(names)


def _row(label: object, text: str, found: Judgement) -> tuple[object, ...]:
    reasons = [rule.reason for rule in found.rules]
    techniques = sorted({rule.technique for rule in found.rules})
    return (
        label, found.score, reasons, techniques, found.lolbin, found.entropy, found.symbols, list(found.decoded), text,
    )  # fmt: skip


def _lolbin(text: str) -> str:
    match = _IMAGE.match(text)
    image = re.split(r"[\\/]", (match[1] or match[2]).lower())[-1].removesuffix(".exe") if match else ""
    return image if image in LOLBINS else ""


def _entropy(text: str) -> float:
    counts = Counter(text)
    return round(-sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()), 3) if text else 0.0


def _share(text: str) -> float:
    return round(len(_SYMBOLS.findall(text)) / len(text), 3) if text else 0.0
