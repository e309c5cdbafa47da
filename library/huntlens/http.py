"""One way to speak HTTP: time limits, retries, rate limits, paging, and errors that hold no secret.

    with Client("https://api.example.test", headers={"x-apikey": secret}) as client:
        for page in client.pages("/alerts", next_link="nextLink"): ...

Headers and parameters may be `Secret`s; they are revealed when a request is sent and show nowhere.
Knows no service.
"""

from __future__ import annotations

import json as json_text
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from huntlens.errors import ConnectionFailedError
from huntlens.sockets import Connections

if TYPE_CHECKING:
    from types import TracebackType

    from requests.adapters import BaseAdapter

_BODY_SHOWN: Final = 300
_MAX_PAGES: Final = 10_000
_CHUNK: Final = 1 << 16

Revealing = Mapping[str, Any]
"""Texts, or objects with `reveal()`, by name."""


class RateLimit:
    """At most `calls` in `per_s` seconds, from however many threads.

    >>> limit = RateLimit(2, 60)
    >>> limit.wait_s(), limit.wait_s(), limit.wait_s() > 29
    (0.0, 0.0, True)
    """

    def __init__(self, calls: int, per_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.calls, self.per_s = calls, per_s
        self._clock, self._lock = clock, threading.Lock()
        self._tokens, self._at = float(calls), clock()

    def wait_s(self) -> float:
        """Take a place, and tell how long to wait for it."""
        with self._lock:
            now = self._clock()
            rate = self.calls / self.per_s
            self._tokens = min(self.calls, self._tokens + (now - self._at) * rate)
            self._at = now
            self._tokens -= 1
            return max(0.0, -self._tokens / rate)


def session(adapter: BaseAdapter) -> requests.Session:
    """A session of requests that sends everything through one adapter."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, adapter)
    return made


class AnswerError(ConnectionFailedError):
    """A service answered, with an error; `status` and `body`, its JSON or None, are what it said."""

    def __init__(self, message: str, status: int, body: Any) -> None:
        self.status, self.body = status, body
        super().__init__(message)


class Client:
    """A session with one service.

    `auth` gives headers for each request, so that a token can be renewed. `transport` stands in the place of the
    network. Redirects to another host are not followed, since the headers would go along.
    """

    def __init__(
        self,
        base: str,
        *,
        headers: Revealing | None = None,
        auth: Callable[[], Mapping[str, str]] | None = None,
        timeout_s: float = 60.0,
        retries: int = 3,
        limit: RateLimit | None = None,
        verify: bool | str = True,
        proxy: str = "",
        transport: BaseAdapter | None = None,
    ) -> None:
        self.base = base if base.endswith("/") else f"{base}/"
        self._headers, self._auth, self._limit = dict(headers or {}), auth, limit
        self._timeout_s, self._verify = timeout_s, verify
        self._proxies = {"http": proxy, "https": proxy} if proxy else None
        self._connections = Connections()
        self._session = session(transport or self._connections.adapter(retries))

    def get(
        self, path: str, *, parameters: Revealing | None = None, headers: Revealing | None = None
    ) -> requests.Response:
        """The answer to a GET."""
        return self.request("GET", path, parameters=parameters, headers=headers)

    def post(self, path: str, *, json: Any = None, headers: Revealing | None = None) -> requests.Response:
        """The answer to a POST of JSON."""
        return self.request("POST", path, json=json, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        *,
        parameters: Revealing | None = None,
        json: Any = None,
        data: Any = None,
        headers: Revealing | None = None,
        stream: bool = False,
    ) -> requests.Response:
        """The answer to a request; anything but success raises `ConnectionFailedError`, which says what to look at."""
        url = self._url(path)
        if self._limit is not None:
            self._connections.pause(self._limit.wait_s())
        sent = {**_revealed(self._headers), **(self._auth() if self._auth else {}), **_revealed(headers or {})}
        try:
            answer = self._session.request(
                method, url, params=_revealed(parameters or {}), json=json, data=data, headers=sent, stream=stream,
                timeout=self._timeout_s, verify=self._verify, proxies=self._proxies, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise ConnectionFailedError(f"{method} {_shown(url)}: {reason(error)}") from None
        if answer.is_redirect:
            raise ConnectionFailedError(f"{method} {_shown(url)} answers with a redirect, which is not followed")
        if not answer.ok:
            body = _body(answer)
            message = f"{method} {_shown(url)}: {answer.status_code} {answer.reason}{_told(body)}"
            raise AnswerError(message, answer.status_code, body)
        return answer

    def json(
        self,
        method: str,
        path: str,
        *,
        heard: Callable[[int], None] | None = None,
        **request: Any,
    ) -> Any:
        """The JSON that answers a request; `heard` is called with the bytes of each piece as it comes in."""
        with self.request(method, path, stream=True, **request) as answer:
            pieces = []
            try:
                while piece := answer.raw.read1(_CHUNK, decode_content=True):
                    pieces.append(piece)
                    if heard is not None:
                        heard(len(piece))
            except (HTTPError, OSError):
                raise ConnectionFailedError(f"{method} {_shown(self._url(path))}: the answer breaks off") from None
        try:
            return json_text.loads(b"".join(pieces))
        except ValueError:
            raise ConnectionFailedError(f"{method} {_shown(self._url(path))} does not answer with JSON") from None

    def stop(self) -> None:
        """End the requests that wait for an answer; called from another thread, the client stays usable."""
        self._connections.stop()

    def pages(
        self, path: str, *, next_link: str = "@odata.nextLink", parameters: Revealing | None = None
    ) -> Iterator[dict[str, Any]]:
        """The JSON of one page after the other; `next_link` is the key that names the next one."""
        answer = self.get(path, parameters=parameters).json()
        for _ in range(_MAX_PAGES):
            yield answer
            following = answer.get(next_link)
            if not following:
                return
            answer = self.get(str(following)).json()
        raise ConnectionFailedError(f"{_shown(self._url(path))} gives more than {_MAX_PAGES:,} pages")

    def close(self) -> None:
        """Close the connections; may be called twice."""
        self._session.close()

    def _url(self, path: str) -> str:
        """The address of a path; one of another host is refused, since the headers would go there."""
        url = urljoin(self.base, path.lstrip("/") if not urlsplit(path).scheme else path)
        if urlsplit(url)[:2] != urlsplit(self.base)[:2]:
            raise ConnectionFailedError(f"{_shown(url)} is not on {_shown(self.base)}; nothing was sent to it")
        return url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client {_shown(self.base)}>"


def _revealed(values: Revealing) -> dict[str, Any]:
    return {name: value.reveal() if hasattr(value, "reveal") else value for name, value in values.items()}


def _shown(url: str) -> str:
    """An address without what may be secret in it: user, password and parameters."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def reason(error: requests.RequestException) -> str:
    """Why nothing came back; the texts of requests hold the whole address, so they are not repeated."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the certificate is not trusted; set http.ca_bundle to the file of your authority"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not answer; see http.proxy"
    if isinstance(error, requests.Timeout):
        return "no answer in time; see http.timeout_s"
    if isinstance(error, requests.ConnectionError):
        return "no connection; check the address and the network"
    return type(error).__name__


def _body(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, requests.RequestException):
        return None


def _told(body: Any) -> str:
    """What the service says about an error, shortened."""
    found = body.get("error", body) if isinstance(body, dict) else None
    text = found.get("message") if isinstance(found, dict) else found
    return f": {str(text)[:_BODY_SHOWN]}" if text else ""
