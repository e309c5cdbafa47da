"""Where `externaldata` gets its files from: this machine, and the web where a setting lets it.

A file of the web comes over https, within limits of size and time, from a public address or a host that the settings
name; a redirect is not followed. Nothing but the address in the query is sent.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from huntlens.config import Settings
from huntlens.errors import DataError
from huntlens.http import Client
from huntlens.kql.compile.work.external import local_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests.adapters import BaseAdapter

_CHUNK: Final = 1 << 16


def fetch(uri: str) -> bytes:
    """The content of a file that a query names."""
    if urlsplit(uri).scheme.lower() != "https":
        return local_file(uri)
    return from_web(uri, Settings.load())


def addresses(host: str) -> list[str]:
    """The addresses of a host."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def from_web(
    uri: str,
    settings: Settings,
    *,
    resolve: Callable[[str], list[str]] = addresses,
    transport: BaseAdapter | None = None,
) -> bytes:
    """The content of a file of the web; raises `DataError` where the settings do not let it come."""
    parts = urlsplit(uri.split(";", 1)[0])  # what follows a semicolon is a key of the store
    host = parts.hostname or ""
    if not settings.get("externaldata.web"):
        raise DataError(
            f"externaldata reads local files; to read from {host}, set externaldata.web to true, "
            "or save the file and name it"
        )
    proxy = str(settings.get("http.proxy") or "")
    if host not in (settings.get("externaldata.hosts") or ()) and not (proxy or _is_public(resolve(host))):
        raise DataError(f"externaldata: {host} has no public address; name it in externaldata.hosts if it is meant")
    limit_mb, limit_s = int(settings.get("externaldata.max_mb")), float(settings.get("http.timeout_s"))
    client = Client(
        f"https://{parts.netloc.rpartition('@')[2]}", timeout_s=limit_s, retries=1, proxy=proxy, transport=transport,
        verify=str(settings.get("http.ca_bundle") or "") or True,
    )  # fmt: skip
    with client:
        return _read(client, parts.path + (f"?{parts.query}" if parts.query else ""), host, limit_mb, limit_s)


def _is_public(found: list[str]) -> bool:
    return bool(found) and all(ipaddress.ip_address(address.partition("%")[0]).is_global for address in found)


def _read(client: Client, path: str, host: str, limit_mb: int, limit_s: float) -> bytes:
    until, size, pieces = time.monotonic() + limit_s, 0, []
    with client.request("GET", path, stream=True) as answer:
        try:
            for piece in answer.raw.stream(_CHUNK, decode_content=True):
                size += len(piece)
                if size > limit_mb * 2**20:
                    raise DataError(f"externaldata: {host} sends more than {limit_mb} MB; see externaldata.max_mb")
                if time.monotonic() > until:
                    raise DataError(f"externaldata: {host} takes more than {limit_s:g} s; see http.timeout_s")
                pieces.append(piece)
        except (HTTPError, OSError) as error:
            raise DataError(f"externaldata: the answer of {host} breaks off") from error
    return b"".join(pieces)
