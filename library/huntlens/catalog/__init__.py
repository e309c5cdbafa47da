"""Everything that can be run, as metadata: packs of queries, their parameters, and pivots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens._lazy import lazy

if TYPE_CHECKING:
    from huntlens.catalog.collection import Catalog as Catalog
    from huntlens.catalog.load import load_pack as load_pack
    from huntlens.catalog.model import EntityAttribute as EntityAttribute
    from huntlens.catalog.model import Pack as Pack
    from huntlens.catalog.model import Parameter as Parameter
    from huntlens.catalog.model import Pivot as Pivot
    from huntlens.catalog.model import Query as Query
    from huntlens.catalog.model import Rendered as Rendered

__getattr__, __dir__ = lazy(
    __name__,
    {
        "Catalog": "huntlens.catalog.collection:Catalog",
        "EntityAttribute": "huntlens.catalog.model:EntityAttribute",
        "Pack": "huntlens.catalog.model:Pack",
        "Parameter": "huntlens.catalog.model:Parameter",
        "Pivot": "huntlens.catalog.model:Pivot",
        "Query": "huntlens.catalog.model:Query",
        "Rendered": "huntlens.catalog.model:Rendered",
        "load_pack": "huntlens.catalog.load:load_pack",
    },
)
