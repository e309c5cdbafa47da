"""Sigma rules, turned into KQL and SPL by pySigma and its back ends, which come with the extra `sigma`."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.util import find_spec
from typing import Final

from huntlens.catalog.importers.msticpy import path_stem
from huntlens.catalog.importers.sentinel_rule import folder_of, slug
from huntlens.catalog.model import Pack, Query
from huntlens.catalog.nodes import Reader, line_of
from huntlens.errors import MissingExtraError, PackError

_TECHNIQUE: Final = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)$", re.IGNORECASE)


def is_sigma(keys: set[str]) -> bool:
    """Whether a file with these keys is a Sigma rule."""
    return {"title", "logsource", "detection"} <= keys


def load_sigma(text: str, path: str) -> Pack:
    """The pack that a Sigma rule stands for: the same query in KQL and, if that back end is there, for Splunk."""
    reader = Reader(path)
    keys = reader.mapping(reader.root(text), "the file")
    title = " ".join(reader.text(keys.get("title"), "title").split())
    line = line_of(keys["detection"]) if "detection" in keys else 1
    try:
        kql = _convert(text)
    except (MissingExtraError, ValueError) as error:
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        errors = (*reader.errors, PackError(f"'{title}' cannot be taken: {message}", path, line))
        return Pack(path_stem(path), title, path=path, errors=errors)
    tags = reader.texts(keys.get("tags"), "tags")
    query = Query(
        id=f"sigma.{slug(folder_of(path))}.{slug(path_stem(path))}",
        text=kql,
        summary=title,
        description=reader.text(keys.get("description"), "description").strip(),
        techniques=tuple(match[1].upper() for tag in tags if (match := _TECHNIQUE.match(tag))),
        tags=tuple(tag for tag in tags if not _TECHNIQUE.match(tag)),
        aliases=tuple(filter(None, (reader.text(keys.get("id"), "id"),))),
        environments=("defender", "sentinel", "local"),
        pack=path_stem(path),
        path=path,
        line=line_of(keys["title"]),
        text_line=line,
    )
    queries, refused = [query], list(reader.errors)
    if find_spec("sigma.backends.splunk") is not None:
        try:
            spl = _to_splunk(text).replace("{", "{{").replace("}", "}}")
            queries.append(replace(query, text=spl, language="spl", environments=("splunk",)))
        except ValueError as error:
            refused.append(PackError(f"'{title}' cannot be taken for Splunk: {error}", path, line))
    environments = tuple(name for query in queries for name in query.environments)
    return Pack(path_stem(path), title, environments, tuple(queries), path, tuple(refused))


def _to_splunk(text: str) -> str:
    """The SPL of a rule; `ValueError` where the back end cannot say it."""
    from sigma.backends.splunk import SplunkBackend
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError
    from sigma.pipelines.splunk import splunk_windows_pipeline

    try:
        found = SplunkBackend(processing_pipeline=splunk_windows_pipeline()).convert(SigmaCollection.from_yaml(text))
    except SigmaError as error:
        raise ValueError(str(error).partition("\n")[0] or type(error).__name__) from error
    if not found:
        raise ValueError("the rule gives no query")
    return str(found[0])


def _convert(text: str) -> str:
    """The KQL of a rule; `ValueError` where the back end cannot say it."""
    if find_spec("sigma") is None or find_spec("sigma.backends.kusto") is None:
        raise MissingExtraError("sigma", "reading Sigma rules")
    from sigma.backends.kusto import KustoBackend
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError
    from sigma.pipelines.microsoftxdr import microsoft_xdr_pipeline

    try:
        found = KustoBackend(processing_pipeline=microsoft_xdr_pipeline()).convert(SigmaCollection.from_yaml(text))
    except SigmaError as error:
        raise ValueError(str(error) or type(error).__name__) from error
    if not found:
        raise ValueError("the rule gives no query")
    return str(found[0])
