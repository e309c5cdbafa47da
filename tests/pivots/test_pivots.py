"""Pivots: value, list, Series or frame in, frame with the input out; joins that do not multiply; sessions."""

from __future__ import annotations

import time
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huntlens import QueryProvider, pivots
from huntlens.analyze.ip import ip_type
from huntlens.catalog.discover import catalog
from huntlens.entities import Account, Dns, File, Host, IpAddress, Process
from huntlens.errors import PivotError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from huntlens.catalog.collection import Catalog


@dataclass
class Answer:
    df: pd.DataFrame


@dataclass
class Recorder:
    """A provider that answers each query with one row for each letter of the host's name."""

    environment: str = "local"
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def catalog(self) -> Catalog:
        return catalog().of(self.environment)

    @property
    def queries(self) -> Recorder:
        return self

    def __getitem__(self, id_: str) -> Any:
        return lambda **parameters: self.answer(id_, parameters)

    def answer(self, id_: str, parameters: dict[str, Any]) -> Answer:
        self.asked.append((id_, parameters))
        letters = [letter for letter in str(parameters.get("host", "")) if letter != "-"]
        return Answer(
            pd.DataFrame({"Computer": parameters.get("host"), "Letter": letters, "Count": range(len(letters))})
        )


@pytest.fixture
def provider() -> Iterator[Recorder]:
    recorder = Recorder()
    pivots.use(recorder)
    yield recorder
    pivots.use()


def test_an_entity_asks_with_its_attributes(provider: Recorder) -> None:
    found = Host("ab.contoso.com").windows.logons(start="-7d")
    assert provider.asked == [("windows.logons", {"host": "ab", "start": "-7d"})]
    assert list(found.columns) == ["HostName", "Computer", "Letter", "Count"]
    assert found.HostName.tolist() == ["ab", "ab"]


def test_a_class_asks_with_values(provider: Recorder) -> None:
    assert Host.windows.logons("a").HostName.tolist() == ["a"]
    assert Host.windows.logons(["ab", "c", "ab", Host("c")]).Letter.tolist() == ["a", "b", "c"]
    assert [item[1]["host"] for item in provider.asked] == ["a", "ab", "c"]
    assert Host.windows.logons(pd.Series(["x"], name="Machine")).columns[0] == "Machine"


def test_a_value_is_written_as_its_entity_writes_it(provider: Recorder) -> None:
    Account.windows.logons(["CONTOSO\\bob", "bob@contoso.com"])
    assert [item[1]["account"] for item in provider.asked] == ["bob", "bob"]
    IpAddress.windows.logons("no address")
    assert provider.asked[-1][1] == {"ip": "no address"}


def test_an_entity_is_asked_about_by_what_it_has(provider: Recorder) -> None:
    File("d41d8cd98f00b204e9800998ecf8427e").device.files()
    File("C:\\x\\a.exe").device.files()
    File.device.files(["a.exe", "D41D8CD98F00B204E9800998ECF8427E", File("b.exe", Sha1="1" * 40)])
    assert [item[1] for item in provider.asked] == [
        {"hash": "d41d8cd98f00b204e9800998ecf8427e"},
        {"file": "a.exe"},
        {"file": "a.exe"},
        {"hash": "d41d8cd98f00b204e9800998ecf8427e"},
        {"file": "b.exe"},
    ]
    with pytest.raises(PivotError, match="has no value for Name or file_hash"):
        File().device.files()


def test_an_empty_cell_never_asks_for_everything(provider: Recorder) -> None:
    assert len(Host.windows.logons(["", None, "a"])) == 1
    assert (
        len(pd.DataFrame({"Computer": ["", "a"]}).hunt.pivot(Host.windows.logons, column="Computer", join="left")) == 2
    )
    assert [item[1]["host"] for item in provider.asked] == ["a", "a"]


FRAME = pd.DataFrame({"Computer": ["ab", None, "-", "ab", "c"], "Count": [1, 2, 3, 4, 5]}, index=[9, 8, 7, 6, 5])


@pytest.mark.parametrize(
    ("join", "rows"),
    [
        ("none", [("ab", "a"), ("ab", "b"), ("c", "c")]),
        ("inner", [("ab", "a"), ("ab", "b"), ("ab", "a"), ("ab", "b"), ("c", "c")]),
        ("right", [("ab", "a"), ("ab", "b"), ("ab", "a"), ("ab", "b"), ("c", "c")]),
        ("left", [("ab", "a"), ("ab", "b"), (None, None), ("-", None), ("ab", "a"), ("ab", "b"), ("c", "c")]),
        ("outer", [("ab", "a"), ("ab", "b"), (None, None), ("-", None), ("ab", "a"), ("ab", "b"), ("c", "c")]),
    ],
)
def test_joins(provider: Recorder, join: str, rows: list[tuple[str | None, str | None]]) -> None:
    found = FRAME.hunt.pivot(Host.windows.logons, column="Computer", join=join)
    shown = found[["Computer", "Letter"]].astype(object).where(found[["Computer", "Letter"]].notna(), None)
    assert list(shown.itertuples(index=False, name=None)) == rows
    assert len(provider.asked) == 3
    assert "Computer_logons" in found
    if join != "none":
        assert list(found.columns) == ["Computer", "Count", "Computer_logons", "Letter", "Count_logons"]
        assert set(found.index) <= set(FRAME.index)


def test_equal_values_do_not_multiply() -> None:
    frame = pd.DataFrame({"ip": ["10.0.0.1", "8.8.8.8"] * 5_000})
    assert len(frame.hunt.pivot(IpAddress.ip_type, column="ip", join="left")) == 10_000
    assert len(frame.hunt.pivot(IpAddress.ip_type, column="ip", join="inner")) == 10_000
    assert len(frame.hunt.pivot(IpAddress.ip_type, column="ip")) == 2


TEXTS = st.sampled_from(["10.0.0.1", "8.8.8.8", "x", ""])
VALUES = st.lists(st.one_of(st.none(), st.just(float("nan")), TEXTS, st.integers(0, 2)), max_size=8)


@given(VALUES)
@settings(max_examples=50)
def test_a_left_join_keeps_every_row_in_order(values: list[object]) -> None:
    frame = pd.DataFrame({"ip": pd.Series(values, dtype=object), "n": range(len(values))})
    found = frame.hunt.pivot(IpAddress.ip_type, column="ip", join="left")
    assert found.n.tolist() == list(range(len(values)))
    for value, kind in zip(values, found.ip_type, strict=True):
        assert pd.isna(kind) if pd.isna(value) else kind == ip_type(str(value))


@pytest.mark.parametrize("empty", [[], pd.Series([], dtype=object), pd.DataFrame({"CommandLine": []}), [None, np.nan]])
def test_nothing_in_nothing_out(provider: Recorder, empty: object) -> None:
    assert len(Host.windows.logons(empty, column="CommandLine")) == 0
    assert len(Process.iocs(empty)) == 0
    assert len(Process.b64decode(empty)) == 0
    assert len(IpAddress.ip_type(empty, column="CommandLine")) == 0


def test_functions_give_their_rows_with_the_input() -> None:
    commands = ["ping 8.8.8.8 1.1.1.1", "whoami", "ping 8.8.8.8 1.1.1.1"]
    found = Process.iocs(commands)
    assert found.value.tolist() == ["8.8.8.8", "1.1.1.1"]
    assert found.columns[0] == "CommandLine"
    frame = pd.DataFrame({"CommandLine": commands, "value": [1, 2, 3]})
    joined = frame.hunt.pivot(Process.iocs, column="CommandLine", join="left")
    assert joined.value.tolist() == [1, 1, 2, 3, 3]
    assert joined.value_iocs.fillna("").tolist() == ["8.8.8.8", "1.1.1.1", "", "8.8.8.8", "1.1.1.1"]
    assert (
        Process("powershell.exe", CommandLine="powershell -enc aABpACAAdABoAGUAcgBlAA==").b64decode().text[0]
        == "hi there"
    )
    assert frame.hunt.pivot("Process.iocs", types=["ipv4"]).shape[0] == 2


def test_any_frame_is_taken() -> None:
    assert IpAddress.ip_type(pa.table({"Address": ["10.0.0.1"]})).ip_type.tolist() == ["private"]
    categories = pd.Series(["10.0.0.1", "8.8.8.8", "10.0.0.1"], dtype="category", name="ip")
    assert IpAddress.ip_type(categories, join="left").ip_type.tolist() == ["private", "public", "private"]
    lists = pd.DataFrame({"ip": [["10.0.0.1"], "8.8.8.8"]})
    assert lists.hunt.pivot(IpAddress.ip_type, column="ip", join="left").ip_type.tolist() == ["invalid", "public"]
    doubled = pd.DataFrame([["a", "b"]], columns=["x", "x"])
    with pytest.raises(PivotError, match="several columns"):
        doubled.hunt.pivot(IpAddress.ip_type, column="x")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Host.windows.logons(), "needs a value"),
        (lambda: Host.windows.logons("a", join="sideways"), "there are: none, left, inner, right, outer"),
        (lambda: IpAddress.ip_type(FRAME), "names no column"),
        (lambda: IpAddress.ip_type({"a": 1}), "not a mapping"),
        (lambda: FRAME.hunt.pivot("Host.windows", column="Computer"), "is a group of pivots: .*logons"),
        (lambda: FRAME.hunt.pivot("Host.windows.logon", column="Computer"), "did you mean windows.logons"),
        (lambda: FRAME.hunt.pivot("nothing"), "is no pivot; write Entity.name"),
        (lambda: FRAME.hunt.pivot(5), "takes a pivot such as"),
    ],
)
def test_errors_name_the_remedy(call: Any, message: str) -> None:
    with pytest.raises(PivotError, match=message):
        call()


def test_without_a_provider_the_error_says_how_to_get_one() -> None:
    with pytest.raises(PivotError, match=r"none is connected: pass provider=.*huntlens\.pivots\.use\(QueryProvider"):
        Host("web01").windows.logons()
    assert IpAddress("10.0.0.1").ip_type().ip_type.tolist() == ["private"]


def test_a_session_can_be_passed_or_bound() -> None:
    one, other = Recorder(), Recorder()
    Host("a").windows.logons(provider=one)
    bound = pivots.entities(other)
    bound.Host("b").windows.logons()
    bound.Host.windows.logons(["c"])
    assert [item[1]["host"] for item in one.asked] == ["a"]
    assert [item[1]["host"] for item in other.asked] == ["b", "c"]
    assert bound.Host("b") == Host("b")
    with pytest.raises(AttributeError, match="there is no entity 'Hst'"):
        _ = bound.Hst


def test_a_session_belongs_to_its_context() -> None:
    recorder = Recorder()
    copy_context().run(pivots.use, recorder)
    assert pivots.current().providers == ()
    pivots.use(recorder)
    assert pivots.current().providers == (recorder,)
    pivots.use()


def test_the_provider_that_can_run_a_query_is_asked() -> None:
    sentinel, local = Recorder("sentinel"), Recorder("local")
    session = pivots.use(sentinel, local)
    assert session.provider_for(Host.windows.logons.pivot) is local
    pivots.use(local, sentinel)
    Host("a").windows.logons()
    assert len(sentinel.asked) == 1
    pivots.use()


def test_completion_sees_groups_and_names(provider: Recorder) -> None:
    assert "windows" in dir(Host("a"))
    assert "logons" in dir(Host.windows)
    assert "iocs" in dir(Process("a"))
    call = Host.windows.logons
    assert "Successful logons" in repr(call)
    assert list(call.__signature__.parameters)[:4] == ["data", "column", "join", "provider"]
    assert {"start", "end", "account"} <= set(call.__signature__.parameters)
    assert "host" not in call.__signature__.parameters
    assert "types" in Process.iocs.__signature__.parameters
    assert not hasattr(Host("a"), "_repr_html_")
    with pytest.raises(AttributeError, match=r"no attribute or pivot 'logons'; did you mean .*windows\.logons"):
        _ = Host("a").logons


def test_a_pivot_costs_no_more_than_twice_the_function() -> None:
    values = [f"10.{n // 256 % 256}.{n % 256}.1" for n in range(20_000)]
    frame = pd.DataFrame({"ip": values})

    def best(work: Any) -> float:
        times = []
        for _ in range(3):
            ip_type.cache_clear()
            begun = time.perf_counter()
            work()
            times.append(time.perf_counter() - begun)
        return min(times)

    plain = best(lambda: frame.ip.map(ip_type))
    pivot = best(lambda: frame.hunt.pivot(IpAddress.ip_type, column="ip", join="left"))
    assert pivot < 2 * plain, (pivot, plain)


EVENTS = pd.DataFrame(
    {
        "TimeGenerated": pd.to_datetime(["2026-03-01 10:00", "2026-03-01 11:00", "2026-03-01 12:00"]),
        "Name": ["evil.example", "www.evil.example", "good.example"],
        "ClientIP": ["10.0.0.1", "10.0.0.2", "10.0.0.1"],
        "Computer": ["dns01", "dns01", "dns02"],
        "QueryType": "A", "IPAddresses": ["203.0.113.7", "203.0.113.7", "198.51.100.2"], "SubType": "LookupQuery",
        "Result": "Success", "ResultCode": 0,
    }
)  # fmt: skip


def test_a_real_provider_answers() -> None:
    qp = QueryProvider("local", data={"DnsEvents": EVENTS})
    found = qp.entities.Dns("evil.example").dns.lookups()
    assert found.Name.tolist() == ["www.evil.example", "evil.example"]
    assert found.columns[0] == "DomainName"
    answers = pd.DataFrame({"ip": ["203.0.113.7", "198.51.100.2", "203.0.113.7", "192.0.2.1", None]})
    joined = answers.hunt.pivot(IpAddress.dns.lookups, column="ip", join="left", provider=qp)
    assert joined.Name.fillna("").tolist() == [
        "www.evil.example", "evil.example", "good.example", "www.evil.example", "evil.example", "", "",
    ]  # fmt: skip
    pivots.use(qp)
    assert len(Dns("good.example").dns.lookups(start="2026-03-01", end="2026-03-02")) == 1
    assert len(Dns("good.example").dns.lookups(start="2026-03-02", end="2026-03-03")) == 0
    hostile = Dns('x" or 1 == 1 //')
    assert len(hostile.dns.lookups()) == 0
    pivots.use()


def signins(count: int) -> pd.DataFrame:
    numbers = range(count)
    return pd.DataFrame(
        {
            "TimeGenerated": pd.Timestamp("2026-03-01") + pd.to_timedelta(list(numbers), unit="s"),
            "IPAddress": [f"10.0.{n % 1000 // 250}.{n % 250}" for n in numbers],
            "UserPrincipalName": [f"u{n}@contoso.com" for n in numbers],
        }
    )


def test_many_values_are_asked_about_at_once_with_the_same_answer() -> None:
    addresses = ["10.0.0.1", "10.0.3.9", "192.0.2.1", "10.0.0.2"]
    with QueryProvider("local", data={"SigninLogs": signins(3000)}) as qp:
        together = qp.entities.IpAddress.entra.signins(addresses)
        single = pd.concat([qp.entities.IpAddress.entra.signins(one) for one in addresses], ignore_index=True)
        assert len(together) == 9
        pd.testing.assert_frame_equal(together, single)
        cut = QueryProvider("local", data={"SigninLogs": signins(3000)}, limit=4)
        assert len(cut.entities.IpAddress.entra.signins(addresses)) == 9
        cut.close()


def test_many_values_ask_once() -> None:
    with QueryProvider("local", data={"SigninLogs": signins(3000)}) as qp:
        asked: list[dict[str, Any]] = []

        @dataclass
        class Counting:
            environment: str = "local"
            catalog: Any = qp.catalog

            @property
            def queries(self) -> Counting:
                return self

            def __getitem__(self, id_: str) -> Any:
                return lambda **given: (asked.append(given), qp.queries[id_](**given))[1]

        found = IpAddress.entra.signins([f"10.0.{n // 250}.{n % 250}" for n in range(1000)], provider=Counting())
        assert len(found) == 3000
        assert len(asked) == 1


RULE = """\
id: 1
name: Odd logons
query: |
  SecurityEvent
  | summarize Logons = count() by Computer, TargetAccount
entityMappings:
  - entityType: Host
    fieldMappings: [{identifier: FullName, columnName: Computer}, {identifier: DnsDomain, columnName: Domain}]
  - entityType: Account
    fieldMappings: [{identifier: Name, columnName: Gone}]
"""


def test_entity_mappings_of_a_rule_are_pivots(tmp_path: Path) -> None:
    (tmp_path / "hunts").mkdir()
    (tmp_path / "hunts/odd.yaml").write_text(RULE, "utf-8")
    events = pd.DataFrame({"Computer": ["web01.contoso.com", "db01", "db01"], "TargetAccount": ["a", "b", "c"]})
    with QueryProvider("local", data={"SecurityEvent": events}, packs=[tmp_path]) as qp:
        found = qp.entities.Host("web01").rules.hunts.odd()
        assert found[["HostName", "Computer", "Logons"]].values.tolist() == [["web01", "web01.contoso.com", 1]]
        many = qp.entities.Host.rules.hunts.odd(["DB01", "nothing", "web01.contoso.com"])
        assert many.TargetAccount.str.cat() in ("bca", "cba")
        assert many.HostName.tolist() == ["DB01", "DB01", "web01.contoso.com"]
        assert pivots.named("Account.rules.hunts.odd", pivots.Session((qp,))).pivot.columns == ("Gone",)
        with pytest.raises(PivotError, match=r"result of rules\.hunts\.odd has no column Gone"):
            qp.entities.Account("a").rules.hunts.odd()


@dataclass
class Slow(Recorder):
    """A service that takes its time; `most` is how many questions it had at once."""

    active: int = 0
    most: int = 0

    def answer(self, id_: str, parameters: dict[str, Any]) -> Answer:
        self.active += 1
        self.most = max(self.most, self.active)
        time.sleep(0.02)
        self.active -= 1
        if parameters["host"] == "bad":
            raise PivotError("no")
        return super().answer(id_, parameters)


def test_a_service_is_asked_several_things_at_a_time() -> None:
    slow = Slow("sentinel")
    found = Host.windows.logons([f"h{n}" for n in range(40)], provider=slow)
    assert 1 < slow.most <= 4
    assert found.HostName.tolist() == [f"h{n}" for n in range(40) for _ in f"h{n}"]
    with pytest.raises(PivotError, match="no"):
        Host.windows.logons(["bad", *(f"h{n}" for n in range(400))], provider=slow)
    time.sleep(0.1)
    assert len(slow.asked) < 80


def test_a_table_that_is_missing_is_named() -> None:
    with (
        QueryProvider("local", data={"Other": pd.DataFrame({"a": [1]})}) as qp,
        pytest.raises(PivotError, match=r"Dns\.dns\.lookups has nothing to ask: .*'DnsEvents'; loaded are: Other"),
    ):
        qp.entities.Dns("evil.example").dns.lookups()
