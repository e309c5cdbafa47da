"""What the editor says of classes that it must not import is what they have."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import huntlens
from huntlens.analyze.ioc import extract
from huntlens.assist.calls import JOINS
from huntlens.assist.context import RUN_OPTIONS
from huntlens.assist.magic_line import MAGICS
from huntlens.assist.meaning import PROVIDER_METHODS
from huntlens.assist.offers import PIVOT_ARGUMENTS, RESULT_MEMBERS, plot_names
from huntlens.pivots.accessor import pivot
from huntlens.providers import QueryProvider, Result
from huntlens.registry import member_names


def test_members_of_a_provider() -> None:
    public = {name for name in dir(QueryProvider) if not name.startswith("_")} | {"queries"}
    instance = {"schema", "queries"}  # made by the constructor
    assert public | instance == set(PROVIDER_METHODS)


def test_arguments_of_a_provider() -> None:
    taken = set(inspect.signature(QueryProvider.exec_query).parameters)
    assert set(RUN_OPTIONS) <= taken


def test_members_of_a_result() -> None:
    known = {*dir(Result), *Result.__annotations__}
    assert set(RESULT_MEMBERS) <= known | {"types"}


def test_arguments_of_a_pivot() -> None:
    assert {"column", "join"} <= set(inspect.signature(pivot).parameters) & set(PIVOT_ARGUMENTS)
    option = MAGICS["pivot"].option("join")
    assert option is not None
    assert set(option.choices) == set(JOINS)


def test_plots() -> None:
    assert list(plot_names()) == member_names("huntlens.viz.plots")


def test_extraction_has_what_the_magic_offers() -> None:
    assert {"columns", "types"} <= set(inspect.signature(extract).parameters)


def test_every_code_is_documented(repository: Path) -> None:
    sources = [path.read_text("utf-8") for path in (Path(huntlens.__file__).parent / "assist").glob("*.py")]
    used = {found for source in sources for found in re.findall(r'"(HL\d{3})", "([a-z-]+)"', source)}
    page = (repository / "docs" / "editors.md").read_text("utf-8")
    assert used == set(re.findall(r"^\| (HL\d{3}) \| ([a-z-]+) \|", page, re.MULTILINE))
