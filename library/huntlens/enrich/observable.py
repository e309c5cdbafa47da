"""What kind of indicator a text is, and whether it may be asked about."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from huntlens.enrich.service import Observable

_HASHES: Final = {32: "md5", 40: "sha1", 64: "sha256"}
_NAME: Final = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}", re.IGNORECASE)
_MAIL: Final = re.compile(r"[^@\s]{1,64}@([^@\s]{4,253})")
_DEFANGED: Final = (("[.]", "."), ("(.)", "."), ("[:]", ":"), ("[at]", "@"))
_INSIDE: Final = (".local", ".lan", ".internal", ".corp", ".home.arpa", ".localhost", ".test", ".example", ".invalid")
_LONGEST: Final = 4_096


def observable(value: object, kind: str = "") -> Observable | None:
    """A value as something that a service can be asked about; None where it is nothing of the kind, or of any.

    >>> observable("hxxp://evil[.]com/a"), observable("8.8.8.8").type, observable("not one")
    (Observable(value='http://evil.com/a', type='url'), 'ipv4', None)
    """
    text = _refanged(str(value).strip())
    found = _kind(text) if 0 < len(text) <= _LONGEST else ""
    return Observable(text, found) if found and kind in ("", found) else None


def reason_not_to_ask(item: Observable) -> str:
    """Why a value is not sent to anyone: it names something of one's own network, which is nobody's business.

    >>> reason_not_to_ask(Observable("10.1.2.3", "ipv4"))
    'not a public address'
    """
    host = item.value
    if item.type == "url":
        host = urlsplit(item.value).hostname or ""
    elif item.type == "email":
        host = item.value.rpartition("@")[2]
    try:
        return "" if item.type in _HASHES.values() or ip_address(host).is_global else "not a public address"
    except ValueError:
        inside = host.lower().endswith(_INSIDE) or "." not in host
        return "a name of an inside network" if inside else ""


def _refanged(text: str) -> str:
    for written, meant in _DEFANGED:
        text = text.replace(written, meant)
    return re.sub(r"^(h)(?:xx|\*\*)(ps?:)", r"\1tt\2", text, flags=re.IGNORECASE)


def _kind(text: str) -> str:
    try:
        return f"ipv{ip_address(text).version}"
    except ValueError:
        pass
    if len(text) in _HASHES and re.fullmatch("[0-9a-fA-F]+", text):
        return _HASHES[len(text)]
    if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        return "url" if _host(text) else ""
    if _MAIL.fullmatch(text):
        return "email"
    return "domain" if _NAME.fullmatch(text) else ""


def _host(text: str) -> str:
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""
