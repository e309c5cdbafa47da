"""What is said of addresses."""

from __future__ import annotations

import pytest

from huntlens.analyze.ip import ip_type, ip_types

KINDS = {
    "10.1.2.3": "private",
    "172.16.0.1": "private",
    "172.32.0.1": "public",
    "100.64.1.1": "carrier",
    "127.0.0.1": "loopback",
    "169.254.1.1": "link local",
    "224.0.0.1": "multicast",
    "0.0.0.0": "unspecified",
    "255.255.255.255": "broadcast",
    "203.0.113.9": "documentation",
    "2001:db8::1": "documentation",
    "8.8.8.8": "public",
    "::ffff:10.0.0.1": "private",
    "fd00::1": "private",
    "2606:4700::1111": "public",
    "999.1.1.1": "invalid",
    "": "invalid",
}


@pytest.mark.parametrize(("value", "kind"), KINDS.items())
def test_kind(value: str, kind: str) -> None:
    assert ip_type(value) == kind


def test_frame_keeps_every_row() -> None:
    assert ip_types(["10.0.0.1", None, "10.0.0.1"])["ip_type"].tolist() == ["private", "invalid", "private"]
