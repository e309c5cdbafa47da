"""Masking: nothing leads back, what was joined can still be joined, and kinds stay kinds."""

from __future__ import annotations

from ipaddress import ip_address

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.analyze.ip import ip_type
from huntlens.errors import DataError
from huntlens.mask import Masker, mask, remains
from huntlens.mask.address import mask_address
from huntlens.mask.mask import KINDS, _whole

DATA = pd.DataFrame({
    "TimeGenerated": pd.to_datetime(["2026-03-01", "2026-03-02"]),
    "Computer": ["web01.corp.example", "WEB01.corp.example"],
    "TargetUserName": ["Bob.Hill", None],
    "Account": ["CORP\\bob.hill", "NT AUTHORITY\\SYSTEM"],
    "IpAddress": ["10.1.2.3", "8.8.8.8"],
    "TargetUserSid": ["S-1-5-21-1004336348-1177238915-682003330-512", "S-1-5-18"],
    "CommandLine": [
        r"cmd /c C:\Users\bob.hill\a.exe 8.8.8.8 bob.hill@corp.example WEB01",
        r"powershell -File \\web01\x.ps1 {8a1f3b3e-5f7e-4a9c-9c63-0a4f8c1f2d11}",
    ],
    "Tags": [["bob.hill"], {"ip": "10.1.2.3", "note": "from 8.8.8.8"}],
    "EventID": [4624, 4625],
})  # fmt: skip


def test_nothing_remains() -> None:
    masked = mask(DATA, key="k")
    text = masked.to_json(date_format="iso").lower()
    for word in ("bob", "hill", "web01", "corp", "10.1.2.3", "8.8.8.8", "1004336348", "8a1f3b3e"):
        assert word not in text, word
    assert remains(DATA, masked).empty


def test_remains_tells_what_was_left() -> None:
    masked = mask(DATA, key="k", columns={"CommandLine": "keep"})
    assert "CommandLine" in remains(DATA, masked)["column"].tolist()


def test_joins_survive() -> None:
    masked = mask(DATA, key="k")
    assert masked["Computer"].nunique() == 1
    user = masked.loc[0, "TargetUserName"]
    assert masked.loc[0, "Account"].endswith(f"\\{user}")
    assert user in masked.loc[0, "CommandLine"]
    assert masked.loc[1, "IpAddress"] in masked.loc[0, "CommandLine"]
    assert masked.loc[0, "Tags"] != DATA.loc[0, "Tags"]


def test_what_says_nothing_about_anyone_stays() -> None:
    masked = mask(DATA, key="k")
    assert masked.loc[1, "Account"] == "NT AUTHORITY\\SYSTEM"
    assert masked.loc[1, "TargetUserSid"] == "S-1-5-18"
    assert masked.loc[0, "TargetUserSid"].endswith("-512")
    assert masked["EventID"].tolist() == [4624, 4625]
    assert masked["TimeGenerated"].equals(DATA["TimeGenerated"])
    assert pd.isna(masked.loc[1, "TargetUserName"])


def test_key_decides() -> None:
    assert mask(DATA, key="k").equals(mask(DATA, key="k"))
    assert not mask(DATA, key="k")["Computer"].equals(mask(DATA, key="l")["Computer"])
    assert not mask(DATA)["Computer"].equals(mask(DATA)["Computer"])


def test_input_is_not_changed() -> None:
    before = DATA.copy(deep=True)
    mask(DATA, key="k")
    pd.testing.assert_frame_equal(DATA, before)


ADDRESSES = st.integers(0, 2**32 - 1).map(lambda number: str(ip_address(number)))


@given(ADDRESSES)
def test_addresses_keep_their_kind(text: str) -> None:
    assert ip_type(mask_address(text, b"k")) == ip_type(text)


@given(st.integers(0, 2**128 - 1).map(lambda number: str(ip_address(number))))
def test_long_addresses_keep_their_kind(text: str) -> None:
    if ip_type(text) in ("public", "private", "link local"):
        assert ip_type(mask_address(text, b"k")) == ip_type(text)


def test_addresses_do_not_meet_and_networks_stay_together() -> None:
    network = {mask_address(f"93.184.216.{number}", b"k") for number in range(256)}
    assert len(network) == 256
    assert len({text.rpartition(".")[0] for text in network}) == 1
    assert len({mask_address(f"172.16.{number}.1", b"k") for number in range(256)}) == 256


def test_users_do_not_meet() -> None:
    names = pd.DataFrame({"UserName": [f"user{number}" for number in range(100_000)]})
    assert mask(names, key="k")["UserName"].nunique() == 100_000


@pytest.mark.parametrize(
    ("text", "gone", "stays"),
    [
        (r"dir C:\Users\bob /s", ["bob"], ["dir", "/s"]),
        ("cd /home/bob && ls x/y", ["bob"], ["&& ls x/y"]),
        (r'"C:\Users\Bob Hill\a b.txt" -x', ["Bob", "Hill"], [r"\a b.txt", "-x"]),
        ("copy D:\\Documents and Settings\\Bob Hill\\a\tC:\\Users\\bob", ["Bob", "Hill", "bob"], ["\tC:", "\\a"]),
        (r"C:\Users\Bob Hill\a and C:\Users\bob", ["Bob", "Hill", "bob"], [" and "]),
        ("C:/Users/bob, then mail a.b@corp.example; 8.8.8.8:53", ["bob", "a.b", "corp", "8.8.8.8"], [", then", ":53"]),
        ("src:8.8.8.8 ::ffff:9.9.9.9 [fe80::1] 1.2.3.4.5", ["8.8.8.8", "9.9.9.9", "fe80::1"], ["src:", "1.2.3.4.5"]),
    ],
)
def test_names_in_paths(text: str, gone: list[str], stays: list[str]) -> None:
    masked = Masker.of("k").value("free", text)
    assert [word for word in gone if word in masked] == []
    assert [word for word in stays if word not in masked] == []


def test_columns_of_addresses_may_hold_more() -> None:
    frame = pd.DataFrame({"IpAddress": ["8.8.8.8:443, 9.9.9.9", "-"], "Membership": [r"C:\Users\bob", "x"]})
    text = mask(frame, key="k").to_csv()
    assert [word for word in ("8.8.8.8", "9.9.9.9", "bob") if word in text] == []


def test_half_characters_are_masked_as_well() -> None:
    half = pd.Series(["x\ud800 8.8.8.8", None, ["bob"]], dtype=object)
    masked = mask(pd.DataFrame({"UserName": half, "note": half}), key="k")
    assert masked.loc[0, "UserName"].startswith("user_")
    assert masked.loc[0, "note"].startswith("x\ud800 ")
    assert "8.8.8.8" not in masked.loc[0, "note"]
    assert masked.loc[1].isna().all()


def test_own_patterns() -> None:
    frame = pd.DataFrame({"note": ["staff no. EMP 0042 from 10.0.0.5", "EMP 0042"], "EmployeeId": ["EMP 0042", None]})
    masked = mask(frame, key="k", patterns={r"EMP \d+": "text"}, columns={"EmployeeId": "text"})
    assert masked.loc[0, "EmployeeId"] == masked.loc[1, "note"]
    assert masked.loc[0, "note"].startswith(f"staff no. {masked.loc[1, 'note']} from 10.")
    with pytest.raises(DataError, match="no regular expression"):
        mask(frame, patterns={"(": "text"})
    with pytest.raises(DataError, match="no kind of mask"):
        mask(frame, patterns={"x": "nope"})


def test_remains_of_many_rows() -> None:
    """Each value is looked for by its words first: a search of all texts for each would take minutes."""
    frame = pd.DataFrame({"UserName": [f"user {n}" for n in range(20_000)], "note": "from user 77 on"})
    assert remains(frame, mask(frame, key="k", columns={"note": "keep"})).to_numpy().tolist() == [["note", "user 77"]]


def test_a_profile_is_masked_as_its_user() -> None:
    masker = Masker.of("k")
    assert masker.value("user", "bob") in masker.value("free", r"dir C:\Users\bob /s")


@given(
    st.lists(st.sampled_from(["C:\\", "Users\\", "Bob", " ", "Hill", "\\a", "/home/", "x@corp.example", "1.2.3.4", ":",
        "\t", "CORP\\bob", "\\Documents and Settings\\", "web01", "S-1-5-21-1-2-3-4", "\n", "'", "fe80::1"]),
        max_size=12)
)  # fmt: skip
def test_words_are_masked_as_the_whole_is(parts: list[str]) -> None:
    masker = Masker(b"k" * 32, {"web01": "host_x", "hill": "user_y"})
    text = "".join(parts)
    assert masker.value("free", text) == _whole(masker, text)


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=40))
def test_any_text_can_be_masked(kind: str, text: str) -> None:
    masked = Masker.of("k").value(kind, text)
    assert masked == Masker.of("k").value(kind, text)


def test_key_is_not_shown() -> None:
    assert "secret" not in repr(Masker.of("secret"))
    assert "key" not in repr(Masker.of("secret"))


@pytest.mark.parametrize(
    ("columns", "words"), [({"x": "user"}, "no column 'x'"), ({"Computer": "nope"}, "'nope' is no kind")]
)
def test_bad_arguments(columns: dict[str, str], words: str) -> None:
    with pytest.raises(DataError, match=words):
        mask(DATA, columns=columns)
