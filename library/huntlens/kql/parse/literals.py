"""Literal tokens to Python values."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t

if TYPE_CHECKING:
    from collections.abc import Callable

_ESCAPE: Final = re.compile(
    r"\\(?:(?P<plain>[\\'\"abfnrtv])|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|x(?P<x>[0-9a-fA-F]{2})"
    r"|(?P<octal>[0-3]?[0-7]{1,2})|(?P<bad>.?))",
    re.DOTALL,
)
_PLAIN: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_UNIT: Final = re.compile(r"([+-]?)\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)")
_CLOCK: Final = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<days>\d+)(?:\.(?=\d+:)|\Z))?(?:(?P<h>\d+):(?P<m>\d+)(?::(?P<s>\d+)(?:\.(?P<f>\d{1,9}))?)?)?"
)
_ISO: Final = re.compile(
    r"(?P<y>\d{4})(?:[-/](?P<mo>\d{1,2})(?:[-/](?P<d>\d{1,2}))?)?"
    r"(?:(?:[T ]\s*|\s+)(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"\s*(?:Z|z|UTC|GMT|(?P<off>[+-]\d{2}:?\d{2}))?"
)
_AMERICAN: Final = re.compile(r"(?P<mo>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4})(?P<rest>.*)", re.DOTALL)
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")

TICKS: Final = 10_000_000
"""Ticks in a second."""


def string_value(text: str) -> tuple[str, bool]:
    r"""The value of a string token, and whether it is obfuscated.

    >>> string_value("h@'a''b'"), string_value('"a\\\\tb"')
    (("a'b", True), ('a\\tb', False))
    """
    hidden = text[0] in "hH"
    body = text[1:] if hidden else text
    if body[:3] in ("```", "~~~") or body[:4] in ("@```", "@~~~"):
        body = body.removeprefix("@")
        return body[3:].removesuffix(body[:3]), hidden
    if body[0] == "@":
        quote = body[1]
        inner = body[2:-1] if is_closed(body) else body[2:]
        return inner.replace(quote + quote, quote), hidden
    inner = body[1:-1] if is_closed(body) else body[1:]
    return (_ESCAPE.sub(_unescape, inner) if "\\" in inner else inner), hidden


def _unescape(match: re.Match[str]) -> str:
    kind = match.lastgroup or "bad"
    piece: str = match[kind]
    if kind == "plain":
        return _PLAIN.get(piece, piece)
    if kind == "bad":
        return match[0]
    number = int(piece, 8 if kind == "octal" else 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"


def is_closed(text: str) -> bool:
    r"""Whether a string token ends with its quote.

    >>> is_closed('"a"'), is_closed('"a\\"'), is_closed("@'a''")
    (True, False, False)
    """
    body = text.lstrip("hH") if text[0] in "hH" else text
    verbatim = body[0] == "@"
    body = body.removeprefix("@")
    if body[:3] in ("```", "~~~"):
        return len(body) >= 6 and body.endswith(body[:3])
    quote, inner = body[0], body[1:]
    if not inner.endswith(quote):
        return False
    before = inner[:-1]
    if verbatim:
        return (len(before) - len(before.rstrip(quote))) % 2 == 0
    return (len(before) - len(before.rstrip("\\"))) % 2 == 0


def bad_escape(text: str) -> tuple[int, str] | None:
    """The first backslash of a string token that begins no escape, with what stands there."""
    if "\\" not in text or text[:2] in ('@"', "@'") or text[:3] in ('h@"', "h@'", 'H@"', "H@'") or "```" in text[:5]:
        return None
    for match in _ESCAPE.finditer(text):
        if match.lastgroup == "bad":
            return match.start(), match[0]
    return None


def number_value(key: str, text: str) -> object:
    """The value of a number or timespan token as written bare: `5`, `0xff`, `1.5e3`, `2h`."""
    if key is t.LONG:
        return wrapped(int(text, 16 if text[1:2] in ("x", "X") else 10), 64)
    if key is t.REAL:
        return float(text)
    return unit_ticks(text)


def wrapped(number: int, bits: int) -> int | None:
    """The number if it fits a signed integer of so many bits, else None."""
    return number if -(1 << (bits - 1)) <= number < 1 << (bits - 1) else None


def unit_ticks(text: str) -> int | None:
    """Ticks of 100 ns in a text such as `1.5h`; None if it is none.

    >>> unit_ticks("1.5h"), unit_ticks("100ticks"), unit_ticks("h")
    (54000000000, 100, None)
    """
    match = _UNIT.fullmatch(text)
    if match is None or match[3] not in t.TIME_UNITS:
        return None
    amount, ticks = Decimal(match[2]), t.TIME_UNITS[match[3]]
    size = int(amount * ticks) if ticks else int(amount / 100)
    return -size if match[1] == "-" else size


def typed_value(kind: str, content: str) -> tuple[object, bool]:
    """The value of `kind(content)` and whether the content could be read; a null is None and readable.

    >>> typed_value("long", " 0x10 "), typed_value("real", "nope")
    ((16, True), (None, False))
    """
    content = content.strip()
    if content == "null":
        return None, True
    if len(content) > 1 and content[0] in "\"'" and content[-1] == content[0]:
        content = content[1:-1].strip()
    try:
        value = _READERS[kind](content)
    except (ValueError, OverflowError, InvalidOperation, IndexError, TypeError):
        value = None
    return value, value is not None


def _integer(content: str) -> int:
    sign = -1 if content.startswith("-") else 1
    digits = content.lstrip("+-").strip()
    return sign * int(digits, 16 if digits[:2] in ("0x", "0X") else 10)


def _long(content: str) -> int | None:
    return wrapped(_integer(content), 64)


def _int(content: str) -> int | None:
    return wrapped(_integer(content), 32)


def _real(content: str) -> float:
    return float(content.replace(" ", ""))


def _bool(content: str) -> bool | None:
    word = content.lower()
    if word in ("true", "false"):
        return word == "true"
    return _integer(content) != 0


def _guid(content: str) -> str | None:
    bare = content.strip("{}").lower()
    if not _GUID.fullmatch(bare):
        return None
    digits = bare.replace("-", "")
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _timespan(content: str) -> int | None:
    ticks = unit_ticks(content)
    if ticks is not None:
        return ticks
    match = _CLOCK.fullmatch(content)
    if match is None or not (match["days"] or match["h"]):
        return None
    seconds = (int(match["days"] or 0) * 24 + int(match["h"] or 0)) * 3600 + int(match["m"] or 0) * 60
    size = (seconds + int(match["s"] or 0)) * TICKS + int((match["f"] or "0")[:7].ljust(7, "0"))
    return -size if match["sign"] == "-" else size


_SPELLED: Final = re.compile(
    r"""(?:[A-Za-z]{3,9},?\s+)?(?P<d>\d{1,2})[ -](?P<mo>[A-Za-z]{3})[a-z]*[ -](?P<y>\d{4}|\d{2})
    (?:\s+(?P<clock>\d\d:\d\d(?::\d\d)?))?\s*(?P<zone>GMT|UTC|UT|Z|[+-]\d{4})?""",
    re.VERBOSE,
)
"""`datetime(Sat, 8 Nov 2014 15:05:02 GMT)`, as mail and HTTP write it."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LISTED: Final = re.compile(r"\d{1,4}(?:\s*,\s*\d{1,2}){2,5}")
"""`datetime(2026, 1, 31)`."""


def _datetime(content: str) -> datetime | None:
    match = _ISO.fullmatch(content)
    if match is None and _LISTED.fullmatch(content):
        return datetime(*(int(part) for part in content.split(",")))  # type: ignore[arg-type]  # 3 to 6 numbers
    if match is None:
        american = _AMERICAN.fullmatch(content)
        if american is not None:
            return _datetime(f"{american['y']}-{american['mo']}-{american['d']}{american['rest']}")
        return _spelled_datetime(content)
    value = datetime(
        int(match["y"]), int(match["mo"] or 1), int(match["d"] or 1), int(match["h"] or 0), int(match["mi"] or 0),
        int(match["s"] or 0), int((match["f"] or "0")[:6].ljust(6, "0")),
    )  # fmt: skip
    offset = match["off"]
    if offset is None:
        return value
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return value - timedelta(minutes=-minutes if offset[0] == "-" else minutes)


def seventh_digit(content: str) -> int:
    """The digit of 100 ns in the text of a datetime.

    >>> seventh_digit("2026-01-02 03:04:05.1234567"), seventh_digit("2026-01-02")
    (7, 0)
    """
    match = re.search(r"\.\d{6}(\d)", content)
    return int(match[1]) if match else 0


def _spelled_datetime(content: str) -> datetime | None:
    match = _SPELLED.fullmatch(content)
    if match is None or match["mo"].lower() not in _MONTHS:
        raise ValueError(content)
    year, month = int(match["y"]), _MONTHS.index(match["mo"].lower()) + 1
    if len(match["y"]) == 2:
        year += 2000 if year < 69 else 1900
    zone = match["zone"] if (match["zone"] or "Z")[0] in "+-" else "Z"
    return _datetime(f"{year:04}-{month:02}-{int(match['d']):02}T{match['clock'] or '00:00'}{zone}")


_READERS: Final[dict[str, Callable[[str], object]]] = {
    "long": _long, "int": _int, "real": _real, "decimal": Decimal, "bool": _bool, "guid": _guid,
    "timespan": _timespan, "datetime": _datetime,
}  # fmt: skip
