"""The kinds of indicators: one row each, read by the scanner for texts and the one for frames.

`core` is written in the common part of RE2 and Python's `re`, has no groups that capture, and costs linear time:
no repeated part can match the same text in two ways, and `left` keeps Python from starting in the middle of a word.
`valid` looks at a candidate once, however often it occurs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Final

from huntlens.analyze.ip import ip_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from publicsuffixlist import PublicSuffixList

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_SCHEMES = "https?|ftps?|sftp|ssh|tcp|udp|wss?|ldaps?|smb|file|rmi|iiop|nntp|telnet|rdp|dns|socks[45]?"
_ROOTS = (
    "bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|snap|srv|sys|tmp|usr|var|"
    "Applications|Library|System|Users|Volumes|private"
)
# Letters of alphabets that put spaces between words, from Latin to Sinhala: names in them are written as they are.
# Others (Chinese, Thai) stand next to an address without a space, so their names are found in the form `xn--` alone.
_LETTERS = "\u00c0-\u024f\u0370-\u0dff"
_HOST = rf"(?:[a-z0-9_{_LETTERS}-]+\.)+[a-z{_LETTERS}][a-z0-9{_LETTERS}-]{{1,23}}"
_PART = r"[^\\/:*?\"<>|\r\n\t ,;']"
_SPACED = rf"{_PART}+(?: {_PART}+)*"
_KEY = r"[^\\\s\"',;|<>]+"

# Endings of files that are also top-level domains: `install.sh` is a file unless a scheme says otherwise.
_FILE_ENDINGS: Final = frozenset(
    "ai app bat bin c cab cc cfg com_ conf cpl dat db dev_ dll doc docx exe gz inf ini iso jar java js json lnk log md"
    " mm mov mp ms msi nf ocx pdb pdf ph pl pm ps ps1 py rs sc sh so st sys tar tmp txt vb vbs xls xlsx xml yaml yml"
    " zip".split()
)
# Objects and name spaces of scripts whose last part is a top-level domain, as they stand in command lines.
_OBJECTS: Final = frozenset((
    "wscript.shell", "wscript.network", "adodb.stream", "system.net", "system.io", "system.security", "this.name",
))  # fmt: skip
# Not delegated, yet what internal names end in.
_INTERNAL: Final = frozenset(("local", "lan", "internal", "corp", "intranet", "home", "localdomain", "arpa", "onion"))
CONTEXT: Final = 24
_VERSIONS: Final = ("version", "ver", "v", "build", "release", "rev")
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of indicator.

    `guard`: texts without any of these strings are not searched.
    `left` are characters that must not stand in front of a hit, `right` is what must not follow it.
    `rank`: where hits overlap the lowest wins. `long_word`: every hit holds 26 letters and digits in a row.
    `valid(candidate)` gives the type and the value to report, or None. `context(type, before)` gives the type that
    the text in front leads to, at most `CONTEXT` characters of it.
    """

    name: str
    core: str
    valid: Callable[[str], tuple[str, str] | None]
    guard: tuple[str, ...] = ()
    left: str = r"\w"
    right: str = r"[\w]"
    rank: int = 5
    context: Callable[[str, str], str] | None = None
    long_word: bool = False

    @property
    def finder(self) -> re.Pattern[str]:
        """The pattern with its borders, for Python."""
        return _finder(self.core, self.left, self.right)

    def length(self, candidate: str, value: str) -> int:
        """How much of a candidate was meant: wide kinds lose the punctuation behind them."""
        return min(len(candidate), len(value)) if self.rank <= 3 else len(candidate)


@cache
def _finder(core: str, left: str, right: str) -> re.Pattern[str]:
    before = f"(?<![{left}])" if left else ""
    after = f"(?!{right})" if right else ""
    return re.compile(f"{before}(?:{core}){after}", re.ASCII | re.IGNORECASE)


def always(name: str) -> Callable[[str], tuple[str, str] | None]:
    """Every candidate is one, reported under this name."""
    return lambda text: (name, text)


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    # Names are given to it as people write them: to turn all 10,000 suffixes into `xn--` ones takes longer than to
    # read the list.
    return PublicSuffixList(accept_unknown=False, accept_encoded_idn=False)


@lru_cache(maxsize=65_536)
def _registered(name: str) -> bool:
    """Whether a name stands below a public suffix, or an internal one."""
    lowered = name.lower().rstrip(".")
    if lowered.rpartition(".")[2] in _INTERNAL:
        return True
    if "xn--" in lowered:
        try:
            lowered = lowered.encode("ascii").decode("idna")
        except UnicodeError:
            return False
    return _suffixes().privatesuffix(lowered) is not None


def _domain(text: str) -> tuple[str, str] | None:
    labels = text.split(".")
    last = labels[-1]
    if len(labels) < 2 or any(not label or len(label) > 63 or "-" in (label[0], label[-1]) for label in labels):
        return None
    if (last.lower() in _FILE_ENDINGS and len(labels) == 2) or text.lower() in _OBJECTS:
        return None
    # Names of types and name spaces (`System.Net`, `Microsoft.NET`) are written with capitals; hosts hardly ever are.
    if not (last == last.lower() or text.isupper()):
        return None
    if any(label[:1].isupper() and not label.isupper() for label in labels[:-1]) and len(labels[0]) > 3:
        return None
    return ("dns", text.lower()) if _registered(text) else None


def _email(text: str) -> tuple[str, str] | None:
    return ("email", text) if _registered(text.rpartition("@")[2]) else None


def _or_version(kind: str, before: str) -> str:
    """What stands behind a word for a version is no address."""
    word = before.rstrip(" \t=:\"'")
    return "version" if len(before) - len(word) <= 3 and word.lower().endswith(_VERSIONS) else kind


def _ipv6(text: str) -> tuple[str, str] | None:
    try:
        address = IPv6Address(text)
    except ValueError:
        return None
    # `::` and `a::` stand in source code and registry data far more often than they name a host.
    return ("ipv6", str(address)) if int(address) and ip_type(text) != "invalid" and len(text) > 2 else None


def _url(text: str) -> tuple[str, str] | None:
    scheme, separator, rest = text.partition("://")
    text = scheme.lower() + separator + rest
    text = text.rstrip(".,;:!?'*")
    for opening, closing in ("()", "[]"):
        while text.endswith(closing) and text.count(closing) > text.count(opening):
            text = text[:-1].rstrip(".,;:!?'")
    host = text.partition("://")[2]
    return ("url", text) if len(host) >= 2 and (host[0].isalnum() or host[0] in "[_/") else None


_HASHES: Final = {32: "md5_hash", 40: "sha1_hash", 64: "sha256_hash", 128: "sha512_hash"}


def _hash(text: str) -> tuple[str, str] | None:
    kind = _HASHES.get(len(text))
    if kind is None or len(set(text.lower())) < 6 or text.isdigit():
        return None
    return kind, text.lower()


def _or_imphash(kind: str, before: str) -> str:
    """The import hash is as long as an MD5 but is the hash of no file."""
    return "imphash" if before.upper().endswith(("IMPHASH=", 'IMPHASH":"', "IMPHASH: ")) else kind


def _path(text: str) -> tuple[str, str] | None:
    text = text.rstrip(" .,;:)]}'")
    return ("windows_path", text) if len(text) > 3 else None


def _unix_path(text: str) -> tuple[str, str] | None:
    return "linux_path", text.rstrip(".:,")


def _bitcoin(text: str) -> tuple[str, str] | None:
    if text.lower().startswith("bc1"):
        return ("bitcoin", text) if _bech32(text.lower()) else None
    return ("bitcoin", text) if _base58check(text) else None


def _base58check(text: str) -> bool:
    number = 0
    for char in text:
        digit = _BASE58.find(char)
        if digit < 0:
            return False
        number = number * 58 + digit
    try:
        raw = number.to_bytes(25, "big")
    except OverflowError:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def _bech32(text: str) -> bool:
    """The checksum of BIP 173 and BIP 350."""
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    values = [alphabet.find(char) for char in text[3:]]
    if min(values) < 0:
        return False
    check = 1
    for value in [3, 3, 0, 2, 3, *values]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if (top >> bit) & 1 else 0
    return check in (1, 0x2BC830A3)


PATTERNS: Final[tuple[Pattern, ...]] = (
    Pattern("url", rf"(?:{_SCHEMES})://[^\s\"'<>`{{}}|\\^\x00-\x1f]+", _url, ("://",), right="", rank=0),
    Pattern(
        "email", rf"[a-z0-9._%+{_LETTERS}-]{{1,64}}@{_HOST}", _email, ("@",),
        rf"\w.%+{_LETTERS}-", rf"[\w@{_LETTERS}]", 1,
    ),
    Pattern(
        "registry_key",
        rf"(?:HKLM|HKCU|HKCR|HKU|HKCC|HKEY_[A-Z_]+|\\Registry\\(?:Machine|User))\\+(?:{_KEY}(?: {_KEY})*\\+)*{_KEY}",
        lambda text: ("registry_key", text.rstrip(".:)]}")),
        ("HK", "hk", "egistry\\", "EGISTRY\\"), right="", rank=2,
    ),
    Pattern(
        "windows_path",
        rf"(?:[a-z]:|\\\\[a-z0-9_.$-]+|%[a-z0-9_()]+%)\\+(?:{_SPACED}\\+)*(?:{_SPACED}\.[a-z0-9]{{1,8}}|{_PART}*)",
        _path, ("\\",), r"\w\\", "", 2,
    ),
    Pattern("linux_path", rf"/(?:{_ROOTS})(?:/[a-z0-9_.@+~%:-]+)+/?", _unix_path, ("/",), r"\w./:-", "", 3),
    Pattern("hash", r"[0-9a-f]{32,128}", _hash, (), r"\w-", r"[\w-]", 4, _or_imphash,
            long_word=True),
    Pattern("ipv4", rf"(?:{_OCTET}\.){{3}}{_OCTET}", always("ipv4"), (".",), r"\w.-", r"[\w-]|\.[0-9]", 5,
            _or_version),
    Pattern(
        "ipv6", rf"(?:[0-9a-f]{{0,4}}:){{2,7}}(?:(?:{_OCTET}\.){{3}}{_OCTET}|[0-9a-f]{{1,4}}|:)", _ipv6, (":",),
        r"\w:.", r"[\w:]", 5,
    ),
    Pattern("dns", _HOST, _domain, (".",), rf"\w.@\\/{_LETTERS}-", rf"[\w@\\{_LETTERS}-]", 6),
    Pattern("mac_address", r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", lambda text: ("mac_address", text.lower()),
            (":", "-"), r"\w:-", r"[\w:-]", 3),
    Pattern("cve", r"CVE-[0-9]{4}-[0-9]{4,7}", lambda text: ("cve", text.upper()), ("CVE-", "cve-", "Cve-"), rank=3),
    Pattern(
        "attack_id", r"T(?:A00[0-9]{2}|1[0-9]{3}(?:\.[0-9]{3})?)", lambda text: ("attack_id", text.upper()),
        ("T1", "t1", "TA", "ta", "Ta", "tA"), r"\w.-", r"[\w-]", 7,
    ),
    Pattern("bitcoin", r"bc1[a-z0-9]{25,62}|[13][1-9A-HJ-NP-Za-km-z]{25,34}", _bitcoin, rank=4, long_word=True),
    Pattern("ethereum", r"0x[0-9a-f]{40}", always("ethereum"), ("0x", "0X"), rank=3, long_word=True),
    Pattern("monero", r"4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}", always("monero"), ("4",), rank=4, long_word=True),
)  # fmt: skip

# What a pattern's hits may be reported as, for those whose name is not the only one.
REPORTS: Final = {
    "hash": ("md5_hash", "sha1_hash", "sha256_hash", "sha512_hash", "imphash"),
    "ipv4": ("ipv4", "version"),
}


def type_names() -> tuple[str, ...]:
    """Every type that can be reported.

    >>> "sha256_hash" in type_names()
    True
    """
    return tuple(name for pattern in PATTERNS for name in REPORTS.get(pattern.name, (pattern.name,)))


def scope(kind: str, value: str) -> str:
    """Of an address whether it is public, private, reserved ... (see `ip.ip_type`); empty for other types.

    >>> scope("ipv4", "10.0.0.1"), scope("dns", "evil.example")
    ('private', '')
    """
    return ip_type(value) if kind in ("ipv4", "ipv6") else ""
