"""Every exception that huntlens raises, as one tree.

HuntlensError
├── ConfigError             a setting is missing or malformed; names the key and where it was read
├── MissingExtraError       an optional package is needed; carries the exact pip line
├── DataError               what was passed or read is not usable data
│   ├── ArchiveError        broken archive, or one that goes past a limit
│   └── NormalizeError      raw logs that no normaliser recognises
├── CatalogError            a pack, a query or a pivot
│   ├── PackError           a pack file; carries path and line
│   ├── QueryNotFoundError  no query of that name; carries near names
│   └── ParameterError      a parameter is missing, unknown or of the wrong type
├── QueryError              a query could not be answered
│   ├── KqlError            the text; carries its diagnostics
│   │   └── UnsupportedError  valid KQL that this target cannot run
│   ├── ConnectionFailedError  the source could not be reached
│   └── QueryTimeoutError   the time limit was reached
├── PivotError              a pivot call that does not fit the entity
└── LookupFailedError       an enrichment service did not answer

A message says what, where and what to do; constructors own the wording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


class HuntlensError(Exception):
    """Root of all errors that huntlens raises on purpose."""


class ConfigError(HuntlensError):
    """A setting is missing or malformed."""


class MissingExtraError(HuntlensError, ImportError):
    """A feature needs a package of an optional extra.

    >>> str(MissingExtraError("evtx", "reading .evtx files"))
    "reading .evtx files needs the extra 'evtx': pip install 'huntlens[evtx]'"
    """

    def __init__(self, extra: str, purpose: str) -> None:
        self.extra = extra
        super().__init__(f"{purpose} needs the extra '{extra}': pip install 'huntlens[{extra}]'")


class DataError(HuntlensError):
    """What was passed or read is not usable data."""


class ArchiveError(DataError):
    """An archive is broken or goes past a limit."""


class NormalizeError(DataError):
    """Raw logs that no normaliser recognises."""


class CatalogError(HuntlensError):
    """Something is wrong with a pack, a query or a pivot."""


class PackError(CatalogError):
    """A pack file is wrong; `path` and `line` (1-based) say where."""

    def __init__(self, message: str, path: Path | str, line: int = 1) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path}:{line}: {message}")


class QueryNotFoundError(CatalogError):
    """No query has that name; `near` holds what may have been meant."""

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        self.name, self.near = name, tuple(near)
        hint = f"; did you mean {' or '.join(self.near)}?" if self.near else "; list_queries() shows all"
        super().__init__(f"no query is named '{name}'{hint}")


class ParameterError(CatalogError):
    """A query parameter is missing, unknown or of the wrong type."""

    @classmethod
    def missing(cls, query: str, names: Iterable[str]) -> ParameterError:
        """Required parameters were not given."""
        listed = ", ".join(names)
        return cls(f"{query} needs a value for: {listed}")

    @classmethod
    def unknown(cls, query: str, name: str, known: Iterable[str]) -> ParameterError:
        """A parameter was given that the query does not have."""
        return cls(f"{query} has no parameter '{name}'; it takes: {', '.join(known)}")

    @classmethod
    def wrong_type(cls, name: str, expected: str, value: object) -> ParameterError:
        """A value cannot be read as the declared type; the value itself is not repeated."""
        return cls(f"parameter '{name}' takes a {expected}, not {type(value).__name__}")


class QueryError(HuntlensError):
    """A query could not be answered."""


class KqlError(QueryError):
    """The text of a query is wrong; `diagnostics` say what and where."""

    def __init__(self, message: str, text: str = "", diagnostics: Sequence[object] = ()) -> None:
        self.text, self.diagnostics = text, tuple(diagnostics)
        super().__init__(message)


class UnsupportedError(KqlError):
    """Valid KQL that the chosen target cannot run."""


class ConnectionFailedError(QueryError):
    """A source could not be reached."""


class QueryTimeoutError(QueryError):
    """A query took longer than it was allowed to."""


class PivotError(HuntlensError):
    """A pivot call does not fit the entity or the value."""


class LookupFailedError(HuntlensError):
    """An enrichment service did not answer."""
