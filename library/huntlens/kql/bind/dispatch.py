"""Which binder an operator has, by its node class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.kql import tree
from huntlens.kql.bind import (
    expansion,
    graph,
    joins,
    operators,
    plugins,
    projection,
    search,
    series,
    subqueries,
    summaries,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.bind import plan
    from huntlens.kql.bind.context import Frame


def bind_operator(frame: Frame, source: plan.Relation, node: tree.Operator) -> plan.Relation:
    """One operator over its input."""
    binder = BINDERS.get(type(node))
    return binder(frame, source, node) if binder is not None else source


BINDERS: Final[dict[type[tree.Operator], Callable[[Frame, plan.Relation, Any], plan.Relation]]] = {
    tree.As: operators.bind_as,
    tree.AssertSchema: operators.bind_pass,
    tree.Consume: operators.bind_pass,
    tree.Count: operators.bind_count,
    tree.Distinct: projection.bind_distinct,
    tree.Evaluate: plugins.bind_evaluate,
    tree.ExecuteAndCache: operators.bind_pass,
    tree.Extend: projection.bind_extend,
    tree.Facet: subqueries.bind_facet,
    tree.Filter: operators.bind_filter,
    tree.Find: search.bind_find,
    tree.Fork: subqueries.bind_fork,
    tree.GetSchema: subqueries.bind_get_schema,
    tree.GraphMarkComponents: graph.bind_graph_mark_components,
    tree.GraphMatch: graph.bind_graph_match,
    tree.GraphToTable: graph.bind_graph_to_table,
    tree.GraphWhere: graph.bind_graph_where,
    tree.Invoke: operators.bind_invoke,
    tree.Join: joins.bind_join,
    tree.Lookup: joins.bind_lookup,
    tree.MacroExpand: operators.bind_macro_expand,
    tree.MakeGraph: graph.bind_make_graph,
    tree.MakeSeries: series.bind_make_series,
    tree.MvApply: expansion.bind_mv_apply,
    tree.MvExpand: expansion.bind_mv_expand,
    tree.Parse: expansion.bind_parse,
    tree.ParseKv: expansion.bind_parse_kv,
    tree.Partition: subqueries.bind_partition,
    tree.PartitionBy: subqueries.bind_partition_by,
    tree.Print: projection.bind_print,
    tree.Project: projection.bind_project,
    tree.ProjectAway: projection.bind_project_away,
    tree.ProjectByNames: projection.bind_project_by_names,
    tree.ProjectKeep: projection.bind_project_keep,
    tree.ProjectRename: projection.bind_project_rename,
    tree.ProjectReorder: projection.bind_project_reorder,
    tree.Range: operators.bind_range,
    tree.Reduce: subqueries.bind_reduce,
    tree.Render: operators.bind_render,
    tree.Sample: operators.bind_sample,
    tree.SampleDistinct: operators.bind_sample_distinct,
    tree.Scan: subqueries.bind_scan,
    tree.Search: search.bind_search,
    tree.Serialize: projection.bind_serialize,
    tree.Sort: operators.bind_sort,
    tree.Summarize: summaries.bind_summarize,
    tree.Take: operators.bind_take,
    tree.Top: operators.bind_top,
    tree.TopHitters: subqueries.bind_top_hitters,
    tree.TopNested: subqueries.bind_top_nested,
    tree.Union: joins.bind_union,
    tree.UnknownOperator: operators.bind_pass,
}
