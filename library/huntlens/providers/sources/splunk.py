"""Splunk: search jobs, through Splunk's own package."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import splunklib.client as splunk
from requests import RequestException
from splunklib.binding import AuthenticationError, HTTPError, ResponseReader

from huntlens.config import Secret, Settings
from huntlens.errors import ConfigError, ConnectionFailedError, KqlError
from huntlens.http import reason, session
from huntlens.kql.schema import Schema
from huntlens.providers.json_tables import of_records
from huntlens.providers.service import Heard
from huntlens.sockets import Connections

if TYPE_CHECKING:
    from huntlens.providers.source import Answer, Cancel, Request

__all__ = ["Splunk"]

_PAGE: Final = 10_000
_POLL_S: Final = 0.2
_PORT: Final = 8089
_TELLING: Final = frozenset({"WARN", "ERROR", "FATAL"})


class Splunk:
    """A Splunk server: `QueryProvider("splunk", host="splunk.example.test", token=...)`.

    A query is SPL; a text that begins neither with `search` nor with a bar is a search. A stop ends the job too.
    """

    language = "spl"

    def __init__(
        self,
        *,
        host: str = "",
        port: int = _PORT,
        user: str = "",
        password: Secret | str | None = None,
        token: Secret | str | None = None,
        scheme: str = "https",
        verify: bool = True,
    ) -> None:
        if not host or not (token or (user and password)):
            raise ConfigError("a Splunk connection needs its host, and a token or user and password")
        settings = Settings.load()
        proxy = settings.get("http.proxy")
        self._connections = Connections()
        self._session = session(self._connections.adapter(0))
        self._request = {
            "timeout": settings.get("http.timeout_s"),
            "verify": verify and (settings.get("http.ca_bundle") or True),
            "proxies": {"http": proxy, "https": proxy} if proxy else None,
            "allow_redirects": False,
        }
        self._where = {"host": host, "port": port, "scheme": scheme, "autologin": True, "handler": self._send}
        self._who = (user, password, token)
        self._service: Any = None

    def schema(self) -> Schema:
        """Nothing is known of the indexes before they are searched; `splunk.data` lists them."""
        return Schema(strict=False)

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Start a search job, wait for it, and fetch its rows."""
        text = request.text.strip()
        search = text if text.startswith("|") or text.lower().startswith("search ") else f"search {text}"
        given: dict[str, Any] = {"exec_mode": "normal"}
        if request.timespan is not None:
            given |= {
                "earliest_time": f"{request.timespan.start.isoformat()}+00:00",
                "latest_time": f"{request.timespan.end.isoformat()}+00:00",
            }
        if request.limit is not None:
            given["max_count"] = request.limit + 1
        if request.timeout_s is not None:
            given["max_time"] = max(int(request.timeout_s), 1)
        job = None
        try:
            with cancel.hook(self._connections.stop):
                job = self._connected().jobs.create(search, **given)
                _wait(job, cancel)
                return _rows(job, request.limit, cancel)
        except AuthenticationError as error:
            self._service = None  # the next query logs on again
            raise ConnectionFailedError(f"Splunk did not log you on: {error}") from None
        except HTTPError as error:
            raise KqlError(f"Splunk refuses the search: {error}", text) from None
        except RequestException as error:
            self._service = None
            raise ConnectionFailedError(f"Splunk at {self._where['host']}: {reason(error)}") from None
        finally:
            if job is not None:
                with suppress(HTTPError, AuthenticationError, RequestException):
                    job.cancel()

    def close(self) -> None:
        """Log off."""
        if self._service is not None:
            with suppress(HTTPError, AuthenticationError, RequestException):
                self._service.logout()
            self._service = None
        self._session.close()

    def _connected(self) -> Any:
        """The log-on, made when it is first needed."""
        if self._service is None:
            user, password, token = self._who
            who = {"splunkToken": _plain(token)} if token else {"username": user, "password": _plain(password)}
            self._service = splunk.connect(**self._where, **who)
        return self._service

    def _send(self, url: str, message: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What the package sends, sent by us: its own way leaves sockets open and cannot be stopped."""
        method, headers = message.get("method", "GET"), dict(message["headers"])
        answer = self._session.request(method, url, data=message.get("body"), headers=headers, **self._request)
        body = ResponseReader(io.BytesIO(answer.content))
        return {
            "status": answer.status_code,
            "reason": answer.reason,
            "headers": [*answer.headers.items()],
            "body": body,
        }


def _plain(value: Secret | str | None) -> str:
    return value.reveal() if isinstance(value, Secret) else value or ""


def _wait(job: Any, cancel: Cancel) -> None:
    while not job.is_done():
        if cancel.requested:
            return
        progress = float(job["doneProgress"] or 0)
        cancel.told = f"{int(job['scanCount'] or 0):,} events · {progress:.0%}"
        cancel.wait(_POLL_S)
    if job["isFailed"] == "1":
        raise ConnectionFailedError("Splunk says that the search failed")


def _rows(job: Any, limit: int | None, cancel: Cancel) -> Answer:
    heard, notes = Heard(cancel), tuple[str, ...]()
    found: list[Any] = []
    wanted = float("inf") if limit is None else limit + 1
    while len(found) < wanted and not cancel.requested:
        count = int(min(_PAGE, wanted - len(found)))
        body = job.results(output_mode="json", count=count, offset=len(found)).read()
        page = json.loads(body)
        heard(len(body), len(page["results"]))
        found += page["results"]
        notes = tuple(str(item.get("text", "")) for item in page.get("messages", ()) if item.get("type") in _TELLING)
        if len(page["results"]) < count:
            break
    return of_records(found, limit=limit, notes=notes)
