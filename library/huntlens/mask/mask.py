"""Masking of frames: a kind for each column, and in free text whatever looks like one of the kinds.

The same value gives the same mask under the same key, in every column, frame and process, so masked data can still be
joined and counted; without the key nothing leads back. Masks are long enough that no two values meet.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa

from huntlens._lazy import make_callable
from huntlens.errors import DataError
from huntlens.frames import lean_arrow
from huntlens.mask.address import mask_address
from huntlens.mask.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_KNOWN_USERS: Final = frozenset(
    "system administrator guest root nobody daemon localsystem network local service anonymous logon everyone public"
    " default krbtgt defaultaccount wdagutilityaccount".split()
)
_KNOWN_DOMAINS: Final = frozenset(("nt authority", "builtin", "nt service", "window manager", "font driver host"))
_SID: Final = re.compile(r"S-1-(?:\d+-)*\d+")
_GUID: Final = re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")
_NAME: Final = r"[^\\/\"'<>|\s,;:()]+"
# On Windows the name of a profile may hold blanks, if it goes on behind them: `C:\Users\Bob Hill\a.txt`.
_PROFILE: Final = re.compile(
    r"(?i)((?:\b[a-z]:[\\/]+|\\)(?:users|documents and settings)[\\/]+|/(?:home|users)/)"
    rf"({_NAME}(?:(?: {_NAME}){{1,4}}(?=\\))?)"
)
# Words at whose end a profile may go on.
_OPEN: Final = re.compile(r"(?i)[\\/](?:users[\\/][^\\/]*|documents)$")
_SLICE: Final = 10_000
_NAMING: Final = ("user", "host", "account", "email")
"""Kinds whose values are looked for in free text."""
_PIECE: Final = re.compile(r"[^\W_]+")
_BLANKS: Final = re.compile(r"(\s)")
_MOST_WORDS: Final = 200_000
_EMAIL: Final = re.compile(r"(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}")
_IP: Final = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)"
    r"|(?<![\w.:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:]|\.\d)"
)
_ACCOUNT: Final = re.compile(r"(?<![\w\\/:])[A-Z][A-Z0-9_-]{1,14}\\[\w.$-]+(?![\\\w])")
# Each word of a text is looked up among the known names, so thousands of names cost no more than a few.
_WORD: Final = re.compile(r"(?<![\w.])[A-Za-z][\w.-]*\w\$?(?!\w)")
_EMBEDDED: Final[tuple[tuple[str, str, re.Pattern[str]], ...]] = (
    ("email", "@", _EMAIL), ("sid", "S-1-", _SID), ("guid", "-", _GUID), ("ip", ".", _IP), ("ip", ":", _IP),
    ("account", "\\", _ACCOUNT),
)  # fmt: skip
"""Kind, what a text must hold to be searched at all, and the pattern."""


@dataclass(frozen=True)
class Masker:
    """Masks values under a key; a random key by default, so that nothing can be repeated without it.

    `known` are values that free text is searched for, with their masks: `mask` fills it from the columns of names.
    `patterns` are what else of free text is masked, as kind and pattern.
    """

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    known: Mapping[str, str] = field(default_factory=dict, repr=False)
    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()
    words: _Words = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Texts repeat their words, so the masks of words are kept."""
        object.__setattr__(self, "words", _Words(self))

    @classmethod
    def of(cls, key: str | bytes | None) -> Masker:
        """A masker for a key as users write it."""
        if key is None:
            return cls()
        raw = key.encode() if isinstance(key, str) else key
        return cls(hashlib.blake2b(raw, digest_size=32).digest())

    def value(self, kind: str, value: str) -> str:
        """The mask of a value of a kind."""
        if kind not in KINDS:
            raise DataError(f"'{kind}' is no kind of mask; there are: {', '.join(KINDS)}")
        return KINDS[kind](self, value) if value else value

    def word(self, value: str, prefix: str, size: int = 10) -> str:
        """A word for a value, the same for any case: `prefix` and hexadecimal digits."""
        digest = hashlib.blake2b(value.casefold().encode("utf-8", "surrogatepass"), key=self.key, digest_size=size)
        return prefix + digest.hexdigest()


@lean_arrow()
def mask(
    data: pd.DataFrame,
    *,
    key: str | bytes | None = None,
    columns: Mapping[str, str] | None = None,
    patterns: Mapping[str, str] | None = None,
    default: str = "free",
) -> pd.DataFrame:
    r"""The frame with its columns masked; the input stays as it is.

    `columns` says what a column holds (`user`, `host`, `ip`, `free`, `drop`, `keep`, ...; `KINDS` lists them); others
    are told by their names (`mask/rules.py`); columns of text without a rule take `default`. Lists and dicts are
    masked inside. `patterns` are regular expressions and the kinds of what they find in free text, beside the kinds
    that are known by their looks (addresses, mail, GUIDs, SIDs, accounts, profiles). Raises `DataError` for an unknown
    column or kind, or a pattern that is no regular expression.

    >>> frame = pd.DataFrame({"Account": ["CORP\\bob"], "IpAddress": ["10.0.0.5"], "n": [1]})
    >>> masked = mask(frame, key="k")
    >>> masked.equals(frame), masked["IpAddress"][0].startswith("10."), masked["n"][0]
    (False, True, np.int64(1))
    """
    given = dict(columns or {})
    unknown = [name for name in given if name not in data.columns]
    if unknown:
        raise DataError(f"the frame has no column '{unknown[0]}'; it has: {', '.join(map(str, data.columns))}")
    kinds = {name: given.get(name) or _kind(str(name), data[name], default) for name in data.columns}
    masker = Masker.of(key)
    masked = data.copy(deep=False)
    names: dict[str, str] = {}
    for name, kind in kinds.items():
        if kind not in ("keep", "free"):
            masked[name], seen = _column(masker, data[name], kind)
            names.update(seen if kind in _NAMING else {})
    reading = Masker(masker.key, _parts(names), _compiled(patterns or {}))
    for name, kind in kinds.items():
        if kind == "free":
            masked[name], _ = _column(reading, data[name], "free")
    return masked


def _compiled(patterns: Mapping[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    for pattern, kind in patterns.items():
        if kind not in KINDS:
            raise DataError(f"'{kind}' is no kind of mask; there are: {', '.join(KINDS)}")
        try:
            re.compile(pattern)
        except re.error as error:
            raise DataError(f"'{pattern}' is no regular expression: {error}") from None
    return tuple((kind, re.compile(pattern)) for pattern, kind in patterns.items())


def remains(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Values of the columns that were masked and that still stand somewhere in the result: `column`, `value`."""
    shown = {str(name): _Shown(after[name].dropna().astype(str).unique().tolist()) for name in after.columns}
    rows = []
    for name in before.columns.intersection(after.columns):
        old, new = before[name].astype(object), after[name].astype(object)
        gone = {value for value, now in zip(old, new, strict=True) if isinstance(value, str) and value != now}
        rows += [(where, value) for value in gone if len(value) > 3 for where, texts in shown.items() if value in texts]
    return pd.DataFrame(rows, columns=["column", "value"]).drop_duplicates(ignore_index=True)


class _Shown:
    """The texts of a column; only a value whose words all stand in them is searched for through them."""

    def __init__(self, texts: list[str]) -> None:
        self.texts, self.whole = frozenset(texts), "\n".join(texts)
        self.words = frozenset(_PIECE.findall(self.whole))

    def __contains__(self, value: str) -> bool:
        return value in self.texts or (self.words.issuperset(_PIECE.findall(value)) and value in self.whole)


# --- kinds -----------------------------------------------------------------------------------------------------


def _user(masker: Masker, value: str) -> str:
    if value.casefold() in _KNOWN_USERS:
        return value
    return masker.word(value.removesuffix("$"), "user_") + "$" * value.endswith("$")


def _host(masker: Masker, value: str) -> str:
    """Label by label, so that hosts of one domain share it; the last label stays."""
    if value.casefold() in ("localhost", "-", ""):
        return value
    if _IP.fullmatch(value):
        return mask_address(value, masker.key)
    labels = value.split(".")
    kept = labels[-1:] if len(labels) > 1 else []
    masked = [
        masker.word(label, "host_" if at == 0 else "dom_") for at, label in enumerate(labels[: len(labels) - len(kept)])
    ]
    return ".".join(masked + kept)


def _account(masker: Masker, value: str) -> str:
    r"""`DOMAIN\user`, `user@domain` or a user alone."""
    domain, separator, user = value.rpartition("\\")
    if separator:
        shown = domain if domain.casefold() in _KNOWN_DOMAINS else masker.word(domain, "dom_")
        return f"{shown}\\{user if domain.casefold() in _KNOWN_DOMAINS else _user(masker, user)}"
    return _email(masker, value) if "@" in value else _user(masker, value)


def _email(masker: Masker, value: str) -> str:
    user, separator, domain = value.rpartition("@")
    if not separator:
        return _user(masker, value)
    labels = domain.split(".")
    kept = labels[-1:] if len(labels) > 1 else []
    masked = [masker.word(label, "dom_") for label in labels[: len(labels) - len(kept)]]
    return f"{_user(masker, user)}@{'.'.join(masked + kept)}"


def _ip(masker: Masker, value: str) -> str:
    """An address; a column of addresses may hold lists, ports and other text as well."""
    return mask_address(value, masker.key) if _IP.fullmatch(value.strip()) else _free(masker, value)


def _sid(masker: Masker, value: str) -> str:
    """A domain's part is replaced; well-known ones and the last number, the role within the domain, stay."""
    parts = value.split("-")
    if len(parts) < 8 or parts[:4] != ["S", "1", "5", "21"]:
        return value
    digits = hashlib.blake2b("-".join(parts[4:-1]).encode(), key=masker.key, digest_size=12).digest()
    numbers = [str(int.from_bytes(digits[at : at + 4], "big")) for at in (0, 4, 8)]
    return "-".join([*parts[:4], *numbers, parts[-1]])


def _guid(masker: Masker, value: str) -> str:
    bare = value.strip("{}").lower()
    raw = hashlib.blake2b(bare.encode("utf-8", "surrogatepass"), key=masker.key, digest_size=16).digest()
    masked = str(uuid.UUID(bytes=raw, version=4))
    return f"{{{masked}}}" if value.startswith("{") else masked


def _path(masker: Masker, value: str) -> str:
    """The user's name within a path; the rest of a path is what hunters look at."""
    return _PROFILE.sub(lambda match: match[1] + _user(masker, match[2]), value)


def _url(masker: Masker, value: str) -> str:
    scheme, separator, rest = value.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{_host(masker, host)}{slash}{_free(masker, path)}"


def _id(masker: Masker, value: str) -> str:
    """A path of kinds and names in turn: `/subscriptions/<id>/resourceGroups/<name>`; the names are replaced."""
    parts = value.split("/")
    return "/".join(part if at % 2 else _free_part(masker, part) for at, part in enumerate(parts))


def _free_part(masker: Masker, part: str) -> str:
    if not part or part.casefold().startswith("microsoft."):
        return part
    return _guid(masker, part) if _GUID.fullmatch(part) else masker.word(part, "id_", 6)


def _free(masker: Masker, value: str) -> str:
    """Free text: what looks like a kind, and names that were masked in other columns.

    Only the name of a profile goes over blanks, so other texts are masked word by word, each word once.
    """
    if masker.patterns:
        return _whole(masker, value)
    words = masker.words
    plain = value.isprintable()
    parts = value.split(" ") if plain else _BLANKS.split(value)
    masked = [words[part] for part in parts]
    if not words.open.isdisjoint(parts):
        return _whole(masker, value)
    return (" " if plain else "").join(masked)


def _whole(masker: Masker, value: str) -> str:
    text = value
    for kind, pattern in masker.patterns:
        text = pattern.sub(partial(_embedded, masker, kind), text)
    text = _path(masker, text) if "/" in text or "\\" in text else text
    for kind, _, pattern in _embedded_in(text):
        text = pattern.sub(partial(_embedded, masker, kind), text)
    known = masker.known
    if not known:
        return text
    return _WORD.sub(lambda match: known.get(match[0].casefold(), match[0]), text)


class _Words(dict[str, str]):
    """Words and their masks; `open` are those at whose end the name of a profile may go on."""

    def __init__(self, masker: Masker) -> None:
        super().__init__()
        self.masker, self.open = masker, set[str]()

    def __missing__(self, word: str) -> str:
        if len(self) > _MOST_WORDS:
            self.clear()
        if ("/" in word or "\\" in word) and _OPEN.search(word):
            self.open.add(word)
        self[word] = masked = _whole(self.masker, word)
        return masked


def _embedded_in(text: str) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    """The kinds that a text may hold; an address with dots and colons is searched for once."""
    return (row for row in _EMBEDDED if row[1] in text and not (row[1] == ":" and "." in text))


def _embedded(masker: Masker, kind: str, match: re.Match[str]) -> str:
    return KINDS[kind](masker, match[0])


def _number(masker: Masker, value: str) -> str:
    digits = hashlib.blake2b(value.encode(), key=masker.key, digest_size=8).digest()
    return str(int.from_bytes(digits, "big") % 10 ** max(len(value), 6))


KINDS: Final[dict[str, Callable[[Masker, str], str]]] = {
    "user": _user,
    "host": _host,
    "account": _account,
    "email": _email,
    "ip": _ip,
    "sid": _sid,
    "guid": _guid,
    "path": _path,
    "url": _url,
    "text": lambda masker, value: masker.word(value, "text_"),
    "number": _number,
    "id": _id,
    "free": _free,
    "drop": lambda _masker, _value: "",
    "keep": lambda _masker, value: value,
}


# --- columns ---------------------------------------------------------------------------------------------------


def _kind(name: str, column: pd.Series[Any], default: str) -> str:
    if not (column.dtype == object or isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype)):
        return "keep"
    return next((kind for kind, pattern in RULES if pattern.fullmatch(name)), default)


def _column(masker: Masker, column: pd.Series[Any], kind: str) -> tuple[pd.Series[Any], dict[str, str]]:
    """The masked column, each distinct value masked once; and which name got which mask."""
    if kind not in KINDS:
        raise DataError(f"'{kind}' is no kind of mask; there are: {', '.join(KINDS)}")
    if isinstance(column.dtype, pd.StringDtype):
        codes, values = pd.factorize(column)
        parts = (values[at : at + _SLICE].tolist() for at in range(0, len(values), _SLICE))
        masks = [pa.array([masker.value(kind, text) for text in part], pa.large_string()) for part in parts]
        known = pa.concat_arrays(masks or [pa.array([], pa.large_string())])
        shown = pd.Series(known.take(pa.array(codes, mask=codes < 0)), column.index, "str", column.name)
        named = zip(values.tolist(), known.to_pylist(), strict=True) if kind in _NAMING else ()
        return shown, dict(named)
    plain = column.astype(object)
    seen: dict[str, str] = {}

    def masked(value: Any) -> Any:
        if isinstance(value, str):
            if value not in seen:
                seen[value] = masker.value(kind, value)
            return seen[value]
        return _inside(masker, value, kind)

    # Not `map`, which makes a column of texts and fails at half a character.
    inside = [masked(value) for value in plain]
    return pd.Series(inside, index=column.index, name=column.name, dtype=object), seen


def _inside(masker: Masker, value: Any, kind: str) -> Any:
    if isinstance(value, str):
        return masker.value(kind, value)
    if isinstance(value, list | tuple):
        return [_inside(masker, item, kind) for item in value]
    if isinstance(value, dict):
        return {name: _inside(masker, item, _by_name(str(name)) or "free") for name, item in value.items()}
    return value


def _by_name(name: str) -> str:
    return next((kind for kind, pattern in RULES if pattern.fullmatch(name)), "")


def _parts(names: Mapping[str, str]) -> dict[str, str]:
    r"""The names by which free text may call someone: `CORP\bob` is `bob` there, `web01.corp.example` is `web01`."""
    found: dict[str, str] = {}
    for value, shown in names.items():
        pairs = [(value, shown), (value.rpartition("\\")[2], shown.rpartition("\\")[2])]
        pairs += [(value.partition(mark)[0], shown.partition(mark)[0]) for mark in "@."]
        for part, masked in pairs:
            if len(part) > 2 and part != masked:
                found.setdefault(part.casefold(), masked)
    return found


make_callable(__name__, mask)
