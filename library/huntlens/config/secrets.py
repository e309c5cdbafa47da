"""Secrets: named in settings, read when they are used, never shown.

A setting holds a secret itself, or says where it is: `{env: NAME}`, `{keyring: service/name}`, `{file: path}`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from huntlens.errors import ConfigError, MissingExtraError

HIDDEN: Final = "********"


class Secret:
    """A secret that shows in no repr, text, format, pickle or JSON; `reveal()` gives it.

    >>> secret = Secret("hunter2", "the test")
    >>> secret, f"{secret}", secret.reveal()
    (Secret(the test), '********', 'hunter2')
    """

    __slots__ = ("_read", "origin")

    def __init__(self, value: str | Callable[[], str], origin: str = "") -> None:
        self._read = value
        self.origin = origin

    def reveal(self) -> str:
        """The secret itself; read anew each time, so that nothing keeps it."""
        return self._read if isinstance(self._read, str) else self._read()

    def __repr__(self) -> str:
        return f"Secret({self.origin})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __reduce__(self) -> Any:
        message = "a Secret is not saved anywhere"
        raise TypeError(message)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.reveal()

    def __hash__(self) -> int:
        return hash(type(self))


def secret_from(value: Any, key: str, origin: str, environ: Mapping[str, str] | None = None) -> Secret:
    """The secret that a setting holds or points to.

    >>> secret_from({"env": "VT_KEY"}, "enrich.ti.virustotal.key", "a file", {"VT_KEY": "x"}).reveal()
    'x'
    """
    if isinstance(value, str):
        return Secret(value, origin)
    if isinstance(value, Mapping) and len(value) == 1:
        kind, place = next(iter(value.items()))
        reader = _READERS.get(str(kind).lower())
        if reader is not None and isinstance(place, str):
            known = os.environ if environ is None else environ
            return Secret(lambda: reader(place, key, known), f"{kind} {place}")
    raise ConfigError(
        f"{key} ({origin}) takes a text, or one of: {', '.join('{' + name + ': ...}' for name in _READERS)}"
    )


def _env(name: str, key: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise ConfigError(f"{key} is to be read from the environment variable {name}, which is not set")
    return environ[name]


def _keyring(place: str, key: str, _: Mapping[str, str]) -> str:
    service, _slash, name = place.partition("/")
    try:
        keyring: Any = import_module("keyring")
    except ImportError as error:
        raise MissingExtraError("keyring", f"reading {key} from the keyring") from error
    found: str | None = keyring.get_password(service, name)
    if found is None:
        raise ConfigError(f"{key} is to be read from the keyring, which has no '{name}' of the service '{service}'")
    return found


def _file(place: str, key: str, _: Mapping[str, str]) -> str:
    try:
        return Path(place).expanduser().read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{key} is to be read from the file {place}: {error.strerror}") from error


_READERS: Final[dict[str, Callable[[str, str, Mapping[str, str]], str]]] = {
    "env": _env,
    "keyring": _keyring,
    "file": _file,
    "environmentvar": _env,
}
