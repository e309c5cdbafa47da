"""Services that speak OData: a resource, options such as `$filter`, and pages of JSON objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from huntlens.errors import ConfigError, ConnectionFailedError
from huntlens.providers.json_tables import of_records
from huntlens.providers.service import Heard, ask

if TYPE_CHECKING:
    from huntlens.http import Client
    from huntlens.providers.source import Answer, Cancel, Request

_PART: Final = re.compile(r"(?:'(?:[^']|'')*'|[^&'])+")
"""One option; an ampersand within quotes does not end it."""


def split(text: str, resource: str = "") -> tuple[str, dict[str, str]]:
    """The resource and the options of a query text.

    >>> split("security/alerts_v2?$filter=title eq 'a&b'&$top=5")
    ('security/alerts_v2', {'$filter': "title eq 'a&b'", '$top': '5'})
    """
    text = " ".join(text.split())
    path, has_options, options = ("", True, text) if text.startswith("$") else text.partition("?")
    path = path.strip() or resource
    if not path:
        raise ConfigError("name a resource: resource?$filter=...")
    if "://" in path or ".." in path:
        raise ConfigError(f"'{path}' is no resource of the service that is connected")
    pairs = (part.partition("=") for part in _PART.findall(options)) if has_options else ()
    return path, {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def run(http: Client, request: Request, cancel: Cancel, resource: str = "") -> Answer:
    """Ask for a resource, and follow the pages of its answer as far as the limit."""
    path, options = split(request.text, resource)
    heard = Heard(cancel)
    got = ask(http, "GET", path, cancel, heard=heard, parameters=options)
    found: list[Any] = []
    while True:
        items = got.get("value", [got]) if isinstance(got, dict) else got
        if not isinstance(items, list):
            raise ConnectionFailedError(f"{path} does not answer with a list of objects")
        found += [{key: value for key, value in item.items() if "@odata." not in key} for item in items]
        heard(0, len(items))
        following = got.get("@odata.nextLink") if isinstance(got, dict) else None
        if not following or cancel.requested or (request.limit is not None and len(found) > request.limit):
            return of_records(found, limit=request.limit)
        got = ask(http, "GET", str(following), cancel, heard=heard)
