"""Encodings and compression of texts; what decompresses is cut at a limit, since logs are hostile."""

from __future__ import annotations

import base64
import binascii
import gzip
import uuid
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LIMIT: Final = 64 * 1024 * 1024


def _lower_hex(text: str) -> str:
    first, *rest = text.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def url_encode(text: str) -> str:
    return _lower_hex(quote_plus(text, safe="!*()-_."))


def url_encode_component(text: str) -> str:
    return _lower_hex(quote(text, safe="!*()-_."))


def url_decode(text: str) -> str:
    return unquote(text.replace("+", " "))


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def base64_decode_tostring(text: str) -> str:
    raw = _decoded(text.strip())
    try:
        return "" if raw is None else raw.decode()
    except UnicodeDecodeError:
        return ""


def base64_decode_toarray(text: str) -> list[int] | None:
    raw = _decoded(text)
    return None if raw is None else list(raw)


def base64_encode_fromarray(values: list[int]) -> str:
    try:
        return base64.b64encode(bytes(values)).decode()
    except (ValueError, TypeError):
        return ""


def base64_decode_toguid(text: str) -> str | None:
    raw = _decoded(text)
    return str(uuid.UUID(bytes_le=raw)) if raw is not None and len(raw) == 16 else None


def base64_encode_fromguid(text: str) -> str:
    return base64.b64encode(uuid.UUID(text).bytes_le).decode()


def zlib_compress(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode())).decode()


def gzip_compress(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def _decompressed(text: str, window: int) -> str:
    raw = _decoded(text)
    if raw is None:
        return ""
    try:
        return zlib.decompressobj(window).decompress(raw, _LIMIT).decode()
    except (zlib.error, UnicodeDecodeError):
        return ""


def zlib_decompress(text: str) -> str:
    return _decompressed(text, zlib.MAX_WBITS)


def gzip_decompress(text: str) -> str:
    return _decompressed(text, zlib.MAX_WBITS | 16)


PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "url_encode": ("string", url_encode),
    "url_encode_component": ("string", url_encode_component),
    "url_decode": ("string", url_decode),
    "base64_decode_tostring": ("string", base64_decode_tostring),
    "base64_decode_toarray": ("dynamic", base64_decode_toarray),
    "base64_encode_fromarray": ("string", base64_encode_fromarray),
    "base64_decode_toguid": ("guid", base64_decode_toguid),
    "base64_encode_fromguid": ("string", base64_encode_fromguid),
    "zlib_compress_to_base64_string": ("string", zlib_compress),
    "zlib_decompress_from_base64_string": ("string", zlib_decompress),
    "gzip_compress_to_base64_string": ("string", gzip_compress),
    "gzip_decompress_from_base64_string": ("string", gzip_decompress),
}
