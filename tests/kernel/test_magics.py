"""Magics in a shell: what they return, what they keep, what they say when something is wrong."""

from __future__ import annotations

import pandas as pd
import pytest
from IPython.utils.capture import capture_output

import hostile
import huntlens_kernel
from huntlens.kql.schema import shipped
from kernel.shell import error, run


def test_query_over_a_data_frame(logons):
    result = run(logons, "%%kql -o failed\nlogons\n| where EventID == 4625\n| project Account")
    assert result.rows == [("bob",), ("bob",)]
    assert isinstance(logons.user_ns["failed"], pd.DataFrame)


def test_line_form_and_assignment(logons):
    assert run(logons, "%kql logons | count").rows == [(4,)]
    run(logons, "n = %kql logons | count")
    assert logons.user_ns["n"].rows == [(4,)]
    run(logons, "%%kql failed <<\nlogons | where EventID == 4625")
    assert len(logons.user_ns["failed"]) == 2


def test_results_feed_the_next_query(logons):
    run(logons, "%%kql -o failed\nlogons | where EventID == 4625")
    assert run(logons, "%%kql\nfailed | summarize n = count() by Account").rows == [("bob", 2)]


def test_variables_are_typed_parameters(logons):
    logons.user_ns["wanted"] = 'bob" or true or "'
    assert run(logons, "%%kql\nlogons | where Account == wanted").rows == []
    logons.user_ns["who"] = ["bob", "eve"]
    assert len(run(logons, "%%kql\nlogons | where Account in (who)")) == 3
    logons.user_ns["since"] = pd.Timestamp("2026-03-01 02:00")
    result = run(logons, "%%kql\nlogons | where TimeGenerated >= since")
    assert len(result) == 2
    assert list(result.parameters) == ["since"]


def test_a_column_comes_before_a_variable(logons):
    logons.user_ns["Account"] = "eve"
    assert len(run(logons, "%%kql\nlogons | where Account == 'bob'")) == 2


def test_params_of_the_line(logons):
    cell = "%%kql --param who=bob\nlogons | where Account == who"
    assert len(run(logons, cell)) == 2


def test_braces_and_dollars_are_left_alone(ip):
    ip.user_ns["a"] = 1
    assert run(ip, '%kql print x = tostring(dynamic({"a": 2})), y = "{a} $a"').rows == [('{"a":2}', "{a} $a")]


def test_saved_queries_are_called_like_functions(logons):
    run(logons, "%%kql --save failed\nlogons | where EventID == 4625")
    run(logons, "%%kql --save bobs\nfailed() | where Account == 'bob'")
    assert run(logons, "%%kql\nbobs() | count").rows == [(2,)]


def test_error_in_a_query_with_saved_ones_has_its_own_place(logons):
    run(logons, "%%kql --save failed\nlogons | where EventID == 4625")
    shown = error(logons, "%%kql\nfailed()\n| where Nope == 1")
    assert "  3 │ | where Nope == 1\n    │         ^^^^" in shown


def test_several_statements(logons):
    result = run(logons, "%%kql\nlet bobs = logons | where Account == 'bob';\nbobs | count;\nprint 7")
    assert result.rows == [(7,)]
    assert [one.rows for one in result.more] == [[(2,)]]


def test_limit_timespan_and_silence(logons):
    result = run(logons, "%%kql --limit 2\nlogons")
    assert (len(result), result.truncated) == (2, True)
    assert len(run(logons, "%%kql --timespan 2026-03-01T01:00..2026-03-01T02:30\nlogons")) == 2
    assert run(logons, "%%kql --silent -o x\nlogons") is None
    run(logons, "%hunt timespan 2026-03-01T01:00..2026-03-01T02:30")
    assert len(run(logons, "%%kql\nlogons")) == 2
    assert len(run(logons, "%%kql --timespan all\nlogons")) == 4


def test_comment_above_a_cell_magic(logons):
    assert run(logons, "# failed logons\n\n%%kql\nlogons | count").rows == [(4,)]


def test_dry_run_sends_nothing(logons):
    logons.user_ns["who"] = "bob"
    with capture_output() as captured:
        logons.run_cell("%%kql --dry-run\nlogons | where Account == who | extend Nope")
    assert 'let who = "bob";' in captured.stdout
    assert "unknown-column" in captured.stdout


def test_sql_is_shown(logons):
    assert 'FROM "logons"' in str(run(logons, "%%kql --sql\nlogons | take 1").data)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%kql\nlogons\n| where Nope == 1", "KQL104 unknown-column"),
        ("%%kql\nlogons\n| where Acount == 1", "did you mean 'Account'?"),
        ("%%kql\nNoSuchTable | take 1", "KQL101 unknown-table"),
        ("%%kql\nlogons | where (", "^"),
        ("%%kql --limt 3\nlogons", "did you mean --limit?"),
        ("%%kql prod\nlogons", "no connection 'prod'"),
        ("%%kql --timespan soon\nlogons", "'soon' is no time"),
        ("%kql --limit 3", "there is no query here"),
        ("%hunt fly", "HL207 unknown-action"),
        ("%hunt run windows.nope", "windows.nope"),
        ("%hunt schema Nope", "no table is named 'Nope'"),
        ("%hunt connect local /no/such/place", "/no/such/place"),
        ("%hunt connect nowhere", "nowhere"),
        ("%ioc", "nothing to look at"),
        ("%ioc logons --column Nope", "Nope"),
    ],
)
def test_errors_name_the_place_and_the_remedy(logons, cell, said):
    assert said in error(logons, cell)


def test_the_whole_traceback_on_request(logons):
    error(logons, "%%kql\nlogons | where Nope == 1")
    with capture_output() as captured:
        logons.run_cell("%hunt traceback")
    assert "KqlError" in captured.stdout
    assert "Traceback" in captured.stdout


def test_hostile_text_in_errors_is_spelled_out(logons):
    shown = error(logons, "%%kql\nlogons | where \u202eNope == '\x1b[31m'")
    assert "\u202e" not in shown
    assert "\x1b[31m'" not in shown


def test_a_python_error_keeps_its_traceback(ip):
    with capture_output() as captured:
        ip.run_cell("1 / 0")
    assert "ZeroDivisionError" in captured.stdout


def test_catalogue(ip):
    found = run(ip, "%hunt queries windows.").df["query"]
    assert "windows.logons" in set(found)
    assert len(run(ip, "%hunt search failed logon").df)


def test_status_and_doctor(logons):
    rows = run(logons, "%hunt status").df.set_index("what")["value"]
    assert rows["data frames"] == "logons"
    assert "duckdb" in set(run(logons, "%hunt doctor").df["package"])
    assert run(logons, "%hunt").caption == "huntlens"


def test_autoload(ip):
    from pathlib import Path

    path = Path(ip.profile_dir.startup_dir) / "10-huntlens.py"
    ip.run_cell("%hunt autoload on")
    assert "load_ext" in path.read_text()
    ip.run_cell("%hunt autoload off")
    assert not path.exists()


def test_ioc(ip):
    assert run(ip, "%ioc -o found ping 8.8.8.8").df["value"].tolist() == ["8.8.8.8"]
    assert len(ip.user_ns["found"]) == 1
    assert run(ip, "%%ioc --types url\nsee hxxp://evil[.]example[.]com/a and 8.8.8.8").df["type"].tolist() == ["url"]
    ip.user_ns["alerts"] = pd.DataFrame({"Text": ["from 8.8.8.8", "to 9.9.9.9"], "Other": ["7.7.7.7", ""]})
    assert run(ip, "%ioc alerts --column Text").df["value"].tolist() == ["8.8.8.8", "9.9.9.9"]


def test_ioc_card_names_each_once_and_defanged(ip):
    ip.user_ns["text"] = ["see http://evil.example.com/a <b>", "8.8.8.8 and 8.8.8.8 and http://evil.example.com/a"]
    shown = ip.display_formatter.format(run(ip, "%ioc text"))[0]
    card = shown["text/html"].partition('<div class="huntlens-table"')[0]
    assert card.count("hxxp://evil[.]example[.]com/a") == 1
    assert card.count("8[.]8[.]8[.]8") == 1
    assert "1 ipv4" in card
    assert "http://evil.example.com" not in card
    assert "no indicators found" in ip.display_formatter.format(run(ip, "%ioc nothing"))[0]["text/html"]


def test_ioc_of_a_file_and_defanged(ip, tmp_path):
    path = tmp_path / "report.txt"
    path.write_text("it called http://evil.example.com/a", "utf-8")
    assert run(ip, f"%ioc --types url {path}").df["value"].tolist() == ["http://evil.example.com/a"]
    assert run(ip, f"%ioc --defang --types url {path}").df["value"].tolist() == ["hxxp://evil[.]example[.]com/a"]
    assert run(ip, "%ioc 8.8.8.8\x01").df["value"].tolist() == ["8.8.8.8"]


def test_b64(ip):
    assert "hi there" in run(ip, "%b64 powershell -enc aABpACAAdABoAGUAcgBlAA==").df["text"].tolist()


def test_b64_of_a_cell_and_a_column(ip):
    assert run(ip, "%%b64 -o found\naGVsbG8gd29ybGQsIGhlbGxv").df["text"].tolist() == ["hello world, hello"]
    assert len(ip.user_ns["found"]) == 1
    ip.user_ns["procs"] = pd.DataFrame(
        {"Line": ["x aGVsbG8gd29ybGQsIGhlbGxv", "nothing"], "Other": ["", "c2VjcmV0IHdvcmRz"]}
    )
    assert run(ip, "%b64 procs --column Line").df["row"].tolist() == [0]


def test_a_declared_parameter_of_the_line_has_its_type(logons):
    cell = "%%kql --param id=4625 -p who=bob\ndeclare query_parameters(id:long, who:string = 'x');\n"
    text = "logons | where EventID == id and Account == who"
    assert len(run(logons, cell + text)) == 2
    assert len(run(logons, cell.replace(" -p who=bob", "") + text)) == 0  # the other one has its default
    assert "parameter 'id' takes a long" in error(logons, cell.replace("4625", "many") + text)
    assert "  3 │ logons | where Nope == id" in error(logons, cell + "logons | where Nope == id")
    with capture_output() as captured:
        logons.run_cell(cell.replace("%%kql", "%%kql --dry-run -t 7d") + text)
    assert "let id = long(4625);" in captured.stdout
    assert "0 findings" in captured.stdout
    assert "all time" not in captured.stdout
    logons.user_ns["least"] = 4625
    assert "4625" in str(run(logons, "%%kql --sql\nlogons | where EventID >= least").data)


def test_a_long_word_is_no_file(ip):
    import base64

    text = base64.b64encode(b"hello world, hello " * 50).decode()
    assert "hello world" in run(ip, f"%b64 {text}").df["text"][0]


def test_hostile_rows_in_every_magic(ip):
    frame = hostile.frame().drop(columns="Bag")
    ip.user_ns["rows"] = frame[~frame["Text"].str.contains("\ud800", regex=False)]  # Arrow holds no half pairs
    for cell in ("%%kql\nrows", "%ioc rows --column Text", "%b64 rows --column Text", "%hunt status"):
        value = run(ip, cell)
        data, _ = ip.display_formatter.format(value)
        assert not [mark for mark in hostile.HIDDEN if mark in data["text/html"] + data["text/plain"]]
        assert "<img" not in data["text/html"]


def test_chart_and_card(logons):
    def html(cell):
        return logons.display_formatter.format(run(logons, cell))[0]["text/html"]

    chart = html("%%kql\nlogons | summarize n = count() by Account | render barchart with (title='Who')")
    assert "data-huntlens-plot" in chart
    assert "<details>" in chart
    assert "font-size:26px" in html("%%kql\nlogons | count | render card")
    assert "no chart" in html("%%kql\nlogons | project Account | render barchart")
    assert "data-huntlens-plot" not in html("%%kql\nlogons | render table")


def test_provenance(logons):
    result = run(logons, "%%kql --limit 1\nlogons")
    plain = logons.display_formatter.format(result)[0]["text/plain"]
    line = plain.splitlines()[-1]
    assert line.startswith("local · 1 row (cut off: there are more)")
    assert line.endswith(" s · logons")
    logons.user_ns["who"] = "bob"
    long = "%%kql --timespan 2026-03-01/2026-03-02\nlogons\n| where Account == who\n| extend " + ", ".join(
        f"a{n} = {n}" for n in range(30)
    )
    line = logons.display_formatter.format(run(logons, long))[0]["text/plain"].splitlines()[-1]
    assert "2026-03-01 00:00" in line
    assert " · who = bob · " in line
    assert line.endswith("…")


def test_help(ip):
    info = ip.object_inspect("%kql")
    assert "--timespan" in info["docstring"]


def test_loading_twice_and_unloading(ip):
    held = huntlens_kernel.current(ip)
    huntlens_kernel.load_ipython_extension(ip)
    assert huntlens_kernel.current(ip) is held
    before = len(ip.Completer.custom_matchers)
    huntlens_kernel.unload_ipython_extension(ip)
    assert len(ip.Completer.custom_matchers) == before - 1
    assert "kql" not in ip.magics_manager.magics["cell"]
    with pytest.raises(RuntimeError, match="load_ext"):
        huntlens_kernel.current(ip)
    huntlens_kernel.load_ipython_extension(ip)


@pytest.fixture
def events(ip):
    """What the built-in queries about logons read, as a data frame of the notebook."""
    columns = {column.name: column.type for column in shipped().table("SecurityEvent").columns}
    empty = {"string": "", "guid": "", "int": 0, "long": 0, "datetime": pd.Timestamp("2026-03-01"), "bool": False}
    ip.user_ns["SecurityEvent"] = pd.DataFrame(
        {
            **{name: [empty[kind]] * 4 for name, kind in columns.items() if kind in empty},
            "Computer": ["web01", "web01", "dc01", "web01"],
            "EventID": [4624, 4625, 4624, 4624],
            "TargetUserName": ["ana", "bob", "eve", "eve"],
            "TargetDomainName": "CONTOSO",
            "LogonType": 3,
            "IpAddress": ["10.0.0.1", "10.0.0.2", "10.0.0.1", "8.8.8.8"],
        }
    )
    return ip


def test_pivot_of_a_query_over_frames_of_the_notebook(events):
    found = run(events, "%pivot -o logons Host.windows.logons web01").df
    assert len(found) == 2
    assert len(events.user_ns["logons"]) == 2
    events.user_ns["hosts"] = pd.DataFrame({"Where": ["web01", "dc01", "web01"]})
    assert len(run(events, "%pivot Host.windows.logons hosts --column Where").df) == 3
    assert len(run(events, "%pivot Host.windows.logons hosts --column Where --join inner").df) == 5
    assert len(run(events, "%pivot Host.windows.logons web01 dc01").df) == 3


def test_pivot_that_finds_nothing_says_where_it_looked(events):
    assert run(events, "%pivot Host.windows.logons nobody").note == "nothing was found · local · all time"
    run(events, "%hunt timespan 2026-03-05/2026-03-06")
    note = run(events, "%pivot Host.windows.logons nobody").note
    assert note.startswith("nothing was found · local · 2026-03-05")


def test_pivot_chain(events):
    found = run(events, "%pivot Host.windows.logons web01 | IpAddress.ip_type IpAddress").df
    assert len(found) == 2


def test_pivot_errors(ip):
    assert "windows.logons" in error(ip, "%pivot Host.windows.nope web01")
    assert "behind |" in error(ip, "%pivot Host.windows.logons web01 |")
    assert "something to ask about" in error(ip, "%pivot Host.windows.logons")


def test_run_of_the_catalogue(events):
    assert len(run(events, "%hunt run windows.logons host=web01")) == 2
    assert "nope" in error(events, "%hunt run windows.logons nope=1")


def test_entities_in_python_ask_the_session(events):
    found = run(events, "from huntlens import Host\nHost('web01').windows.logons()")
    assert len(found) == 2


def test_frames_have_their_accessor(logons):
    assert run(logons, "logons.hunt.timeline(group='Account').summary").startswith("4 events")


@pytest.mark.parametrize(
    "cell",
    [
        "%%kql\nlogons | where 1 == 2",
        "%%kql\nlogons | project",
        '%%kql\nprint a = dynamic([1, {"b": 2}]), t = 1d, n = int(null)',
        "%%kql\n// a comment\nlogons\n| take 1 // another",
        "%%kql\nlogons | join kind=inner (logons | project Account) on Account",
    ],
)
def test_results_of_all_shapes_are_shown(logons, cell):
    with capture_output():
        done = logons.run_cell(cell)
    if done.success:
        data, _ = logons.display_formatter.format(done.result)
        assert "</table>" in data["text/html"]
        assert "rows" in data["text/plain"] or "row" in data["text/plain"]
    else:
        assert type(done.error_in_exec).__name__ == "HuntError"


def test_findings_show_themselves(ip):
    run(ip, "from huntlens.analyze.observations import Observations")
    data, _ = ip.display_formatter.format(run(ip, "Observations().add('<b>Logs were cleared', score=8)"))
    assert data["text/plain"] == "Findings: 1 findings, 1 of them grave"
    assert "&lt;b&gt;Logs were cleared" in data["text/html"]
    assert "nothing was noted" in ip.display_formatter.format(run(ip, "Observations()"))[0]["text/plain"]


def test_entities_are_cards(ip):
    run(ip, "from huntlens import Account, Host")
    data, _ = ip.display_formatter.format(run(ip, "Host(HostName='<b>web01')"))
    assert "Host &lt;b&gt;web01" in data["text/html"]
    assert "windows" in data["text/html"]
    assert data["text/plain"].startswith("Host(")
    data, _ = ip.display_formatter.format(run(ip, "Account('bob\\u202e')"))
    assert "\u202e" not in data["text/html"] + data["text/plain"]


def test_live_grid(logons):
    pytest.importorskip("anywidget")
    made = run(logons, "%%kql --grid -o kept\nlogons")
    assert made.page["total"] == 4
    assert len(logons.user_ns["kept"]) == 4
