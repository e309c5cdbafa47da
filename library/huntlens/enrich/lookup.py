"""Many indicators, many services: each distinct value asked once, each service at its own pace, all of them at once.

    from huntlens.enrich import lookup
    lookup.lookup(["198.51.100.23", "evil.example.com"]).hunt.verdicts()

What a service does not answer is a row that says so; nothing is lost because one of them is down.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Self

import pandas as pd

from huntlens import registry
from huntlens.config import Settings
from huntlens.enrich.observable import observable, reason_not_to_ask
from huntlens.errors import ConfigError, ConnectionFailedError, DataError
from huntlens.frames import is_frame, to_frame
from huntlens.http import AnswerError, RateLimit
from huntlens.providers.run import run_interruptible
from huntlens.providers.service import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from requests.adapters import BaseAdapter

    from huntlens.enrich.service import Observable, Service, Verdict
    from huntlens.http import Client
    from huntlens.providers.source import Cancel

SERVICES: Final = "huntlens.enrich.ti"
_GROUP: Final = "huntlens.ti"
_AT_ONCE: Final = 4
_FRESH_S: Final = 86_400
_KEPT: Final = 50_000
COLUMNS: Final = ("row", "indicator", "type", "service", "severity", "details", "link", "status")
_ALIASES: Final = {"opr": "openpagerank", "vt": "virustotal", "alienvault": "otx"}


def lookup(
    data: Any,
    column: str = "",
    *,
    services: Sequence[str] = (),
    kind: str = "",
    settings: Settings | None = None,
    timeout_s: float | None = None,
    tick: Callable[[float, str], None] | None = None,
) -> pd.DataFrame:
    """What services say of a value, a list, a Series or the column of a frame; a row for each value and service.

    The result has `row` (the position of the first row with that value), `indicator`, `type`, `service`, `severity`
    (`high`, `medium`, `low`, `none`, `unknown`), `details` (a dict), `link` and `status` (`ok`, `nothing known`, or
    why it was not asked or did not answer). `services` are asked; without them all that the settings have keys for,
    and those that need none.
    """
    with Lookup(services, settings=settings) as asked:
        return asked.of(data, column, kind=kind, timeout_s=timeout_s, tick=tick)


def known_services() -> list[str]:
    """The ids of all services."""
    return registry.member_names(SERVICES)


class Lookup:
    """Services with their accounts, and what they have answered: kept for a day.

    `transport` stands in the place of the network.
    """

    def __init__(
        self, services: Sequence[str] = (), *, settings: Settings | None = None, transport: BaseAdapter | None = None
    ) -> None:
        self._settings = settings if settings is not None else Settings.load()
        self._transport = transport
        self._kept: dict[tuple[str, str], tuple[float, Any]] = {}
        self._clients: dict[str, Client] = {}
        self.services: dict[str, Service] = dict(self._chosen(services))
        if not self.services:
            known = ", ".join(known_services())
            raise ConfigError(f"no service is set up; give one of {known} a key: enrich.ti.<name>.key")

    def of(
        self,
        data: Any,
        column: str = "",
        *,
        kind: str = "",
        timeout_s: float | None = None,
        tick: Callable[[float, str], None] | None = None,
    ) -> pd.DataFrame:
        """What the services say; see `lookup`. Ctrl-C and a time limit end all requests at once."""
        first = _first_rows(_values(data, column))
        items = {value: observable(value, kind) for value in first}
        asked = [item for item in items.values() if item is not None]
        said = run_interruptible(lambda cancel: self._ask_all(asked, cancel), timeout_s=timeout_s, tick=tick)
        rows = [
            (first[value], value, item.type, name, *said[name, item])
            for value, item in items.items()
            if item is not None
            for name, service in self.services.items()
            if item.type in service.types
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def close(self) -> None:
        """Close the connections."""
        for one in self._clients.values():
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lookup of {', '.join(self.services)}>"

    # --- which services ---

    def _chosen(self, names: Sequence[str]) -> Iterable[tuple[str, Service]]:
        for name in map(_id, names or known_services()):
            service: Service = registry.public_object(registry.load_member(SERVICES, name, group=_GROUP))
            account = self._account(name)
            lacks = [need for need in service.needs if not account.get(need)]
            if names and lacks:
                raise ConfigError(f"{service.title} needs {' and '.join(f'enrich.ti.{name}.{need}' for need in lacks)}")
            if not lacks and (names or account.get("enabled", True)):
                yield name, service

    def _account(self, name: str) -> dict[str, Any]:
        told = [*(alias for alias, meant in _ALIASES.items() if meant == name), name]
        sections = [self._settings.section(f"enrich.ti.{one}") for one in told]
        return {key: value for section in sections for key, value in section.items()}

    def _client(self, name: str, service: Service) -> Client:
        if name not in self._clients:
            self._clients[name] = client(
                service.base,
                headers=service.headers(self._account(name)),
                limit=RateLimit(service.calls, service.per_s),
                timeout_s=self._settings.get("http.timeout_s"),
                settings=self._settings,
                transport=self._transport,
            )
        return self._clients[name]

    # --- asking ---

    def _ask_all(self, items: Sequence[Observable], cancel: Cancel) -> dict[tuple[str, Observable], tuple[Any, ...]]:
        jobs = [
            (name, service, item) for item in dict.fromkeys(items) for name, service in self.services.items()
            if item.type in service.types
        ]  # fmt: skip
        said: dict[tuple[str, Observable], tuple[Any, ...]] = {}

        def one(job: tuple[str, Service, Observable]) -> None:
            name, service, item = job
            said[name, item] = _row(*self._ask(name, service, item)) if not cancel.requested else _row(None, "stopped")
            cancel.told = f"{len(said):,} of {len(jobs):,} answers"

        clients = [self._client(name, service) for name, service in self.services.items()]

        def stop() -> None:
            for opened in clients:
                opened.stop()

        pools = {
            name: ThreadPoolExecutor(1 if service.is_list else _AT_ONCE, thread_name_prefix=f"huntlens-{name}")
            for name, service in self.services.items()
        }
        with cancel.hook(stop):
            try:
                waiting = [pools[job[0]].submit(one, job) for job in jobs]
                for job in waiting:
                    job.result()
            finally:
                for pool in pools.values():
                    pool.shutdown(cancel_futures=True)
        return said

    def _ask(self, name: str, service: Service, item: Observable) -> tuple[Verdict | None, str]:
        why = reason_not_to_ask(item)
        if why:
            return None, f"not asked: {why}"
        try:
            answer = self._answer(name, service, item)
        except AnswerError as error:
            return None, "nothing known" if error.status in service.missing else f"failed: {error}"
        except ConnectionFailedError as error:
            return None, f"failed: {error}"
        try:
            verdict = service.read(answer, item)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            return None, f"failed: {service.title} answers in a form that is not known ({type(error).__name__})"
        return verdict, "ok" if verdict is not None else "nothing known"

    def _answer(self, name: str, service: Service, item: Observable) -> Any:
        """What a service answers, asked at most once a day."""
        ask = service.ask(item)
        key = (name, "" if service.is_list else f"{item.type}:{item.value}")
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() - kept[0] < _FRESH_S:
            return kept[1]
        asked = self._client(name, service)
        given = {"parameters": ask.parameters, "json": ask.json, "data": ask.form}
        answer = (
            asked.request(ask.method, ask.path, **given).text
            if service.is_list
            else asked.json(ask.method, ask.path, **given)
        )
        if len(self._kept) >= _KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = (time.monotonic(), answer)
        return answer


def _row(verdict: Verdict | None, status: str) -> tuple[Any, ...]:
    if verdict is None:
        return "unknown", {}, "", status
    return verdict.severity, dict(verdict.details), verdict.link, status


def _id(name: str) -> str:
    return _ALIASES.get(name.lower(), name.lower())


def _values(data: Any, column: str) -> pd.Series:
    if isinstance(data, str | Mapping):
        data = [data]
    if is_frame(data):
        frame = to_frame(data)
        if column and column not in frame.columns:
            raise DataError(f"the frame has no column '{column}'; it has: {', '.join(map(str, frame.columns))}")
        if not column and frame.shape[1] != 1:
            column = next((name for name in ("value", "indicator", "Ioc") if name in frame.columns), "")
            if not column:
                raise DataError(f"name the column with the indicators: {', '.join(map(str, frame.columns))}")
        return frame[column or frame.columns[0]]
    return data if isinstance(data, pd.Series) else pd.Series(list(data), dtype=object)


def _first_rows(values: pd.Series) -> dict[str, int]:
    """Each distinct text with the position where it is first."""
    found: dict[str, int] = {}
    for position, value in enumerate(values):
        if isinstance(value, str) and value.strip():
            found.setdefault(value, position)
    return found
