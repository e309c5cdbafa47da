"""Files of the web for `externaldata`: only where the settings let them come, and within limits."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from huntlens.config import Settings
from huntlens.errors import DataError, HuntlensError
from huntlens.kql.schema import Schema
from huntlens.providers import external
from huntlens.providers.embedded import Context, run_text
from huntlens.providers.engine import Engine


class _Web(BaseAdapter):
    """Answers every request with the same body; keeps the addresses."""

    def __init__(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self.body, self.status, self.headers = body, status, headers or {}
        self.asked: list[str] = []

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        self.asked.append(request.url or "")
        made = Response()
        made.status_code, made.url, made.request = self.status, request.url or "", request
        made.headers.update(self.headers)
        made.raw = HTTPResponse(io.BytesIO(self.body), headers=self.headers, status=self.status, preload_content=False)
        return made

    def close(self) -> None:
        """Nothing is open."""


def _settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"HUNTLENS_EXTERNALDATA_{name.upper()}", value)
    return Settings.load()


def _public(_: str) -> list[str]:
    return ["93.184.215.14"]


def test_off_unless_it_is_set() -> None:
    with pytest.raises(DataError, match=r"set externaldata\.web to true"):
        external.fetch("https://example.com/a.csv?sig=secret")


def test_a_file_of_the_web_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, web = _settings(monkeypatch, web="true"), _Web(gzip.compress(b"host,1\nother,2\n"))

    def fetch(uri: str) -> bytes:
        return external.from_web(uri, settings, resolve=_public, transport=web)

    text = "externaldata(name: string, n: long)['https://example.com/a.csv.gz?sig=1;key'] | where n > 1"
    (rows,) = run_text(text, Context(Schema(), external=fetch), Engine(), {})
    assert rows.table.to_pylist() == [{"name": "other", "n": 2}]
    assert web.asked == ["https://example.com/a.csv.gz?sig=1"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00::1"])
def test_private_addresses_are_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    settings, web = _settings(monkeypatch, web="true"), _Web(b"x")
    with pytest.raises(DataError, match="no public address"):
        external.from_web("https://inside.test/a", settings, resolve=lambda _: [address], transport=web)
    assert not web.asked


def test_a_host_that_is_named_may_be_private(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(monkeypatch, web="true", hosts="inside.test")
    assert external.from_web("https://inside.test/a", settings, resolve=lambda _: [], transport=_Web(b"x")) == b"x"


def test_redirects_and_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(monkeypatch, web="true", max_mb="1")
    away = _Web(b"", 302, {"location": "https://elsewhere.test/"})
    with pytest.raises(HuntlensError, match="redirect"):
        external.from_web("https://example.com/a", settings, resolve=_public, transport=away)
    with pytest.raises(DataError, match="more than 1 MB"):
        external.from_web("https://example.com/a", settings, resolve=_public, transport=_Web(b"x" * (2**20 + 1)))
