"""Encoded text: what is found inside what, and that a bomb costs a bounded amount."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
import zlib

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.analyze.base64 import Limits, decode, unpack
from huntlens.errors import DataError

SECRET = b"whoami /all; hostname; the secret"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", data)
    return out.getvalue()


def tarred(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("b.txt")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def deflated(data: bytes) -> bytes:
    """Without a header, as PowerShell's DeflateStream writes it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bz2.compress, lzma.compress, zipped, tarred, deflated])
def test_packed_inside_base64(pack) -> None:
    assert [item.text for item in unpack(f"run {encoded(pack(SECRET))} now")][-1] == SECRET.decode()


@pytest.mark.parametrize(
    "text",
    [
        encoded(SECRET),
        encoded(SECRET).rstrip("="),
        base64.urlsafe_b64encode(SECRET).decode(),
        SECRET.hex(),
        "".join(f"%{byte:02x}" for byte in SECRET),
        encoded(encoded(gzip.compress(encoded(SECRET).encode())).encode()),
        f"powershell -nop -enc {encoded(SECRET.decode().encode('utf-16-le'))}",
    ],
)
def test_encodings(text: str) -> None:
    assert unpack(text)[-1].text == SECRET.decode()


@pytest.mark.parametrize(
    "text",
    [
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        r"C:\Windows\System32\drivers\etc\hosts",
        "ThisIsJustALongIdentifierWithNoMeaning",
        "/subscriptions/resourceGroups/providers/Microsoft",
    ],
)
def test_not_encoded(text: str) -> None:
    assert unpack(text) == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_wrapped_lines_are_one_item(end: str) -> None:
    body = encoded(zipped(SECRET * 9))
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    text = end.join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])
    items = unpack(text)
    assert [(item.kind, item.name) for item in items] == [("zip", ""), ("text", "a/b.txt")]
    assert "".join(text[items[0].start : items[0].end].split()) == body


@given(st.binary(min_size=12, max_size=400))
def test_chance_bytes_are_no_stream(data: bytes) -> None:
    """What is taken for a stream without a header gives a text that packs to as much."""
    for item in unpack(encoded(data)):
        assert item.encoding != "deflate" or len(zlib.compress(item.data)) <= len(data) + 64


def test_tree_and_spans() -> None:
    text = f"a {encoded(zipped(SECRET))} b {encoded(SECRET)}"
    items = unpack(text)
    assert [(item.path, item.encoding, item.kind, item.name) for item in items] == [
        ("1", "base64", "zip", ""),
        ("1.1", "zip", "text", "a/b.txt"),
        ("2", "base64", "text", ""),
    ]
    assert text[items[2].start : items[2].end] == encoded(SECRET)


def test_frame_keeps_index_and_skips_missing() -> None:
    data = pd.DataFrame({"c": [encoded(SECRET), None, float("nan")]}, index=[7, 8, 9])
    found = decode(data, "c")
    assert found["row"].tolist() == [7]
    assert found["sha256"].str.len().tolist() == [64]


def test_unknown_column() -> None:
    with pytest.raises(DataError, match="no column 'x'"):
        decode(pd.DataFrame({"c": [""]}), "x")


def test_broken_archives_are_still_items() -> None:
    """A stream that was cut off gives what it held so far, a broken archive nothing."""
    half = gzip.compress(bytes(range(32, 127)) * 2)[:70]
    assert [item.kind for item in unpack(encoded(half))] == ["gzip", "text"]
    assert [item.kind for item in unpack(encoded(zipped(SECRET)[:60]))] == ["zip"]


@pytest.mark.parametrize("pack", [lambda data: zlib.compress(data, 9), bz2.compress, zipped])
def test_bomb_costs_little(pack) -> None:
    text = encoded(pack(b"\0" * 200_000_000))
    tracemalloc.start()
    items = unpack(text, limits=Limits(size=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert items[-1].kind == "too large"
    assert peak < 20_000_000


def test_nesting_ends() -> None:
    data = SECRET
    for _ in range(30):
        data = encoded(gzip.compress(data)).encode()
    assert max(item.depth for item in unpack(data.decode(), limits=Limits(depth=6))) == 6
