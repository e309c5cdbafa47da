"""Sketches of distinct values (`hll`) and of distributions (`tdigest`); here they hold the values themselves."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, special, unsupported


def _row(
    name: str, signature: str, rule: str, doc: str, example: str, value: str, prefix: str, *words: str
) -> Function:
    lower = special(words[0], *words[1:])
    spark = unsupported("ranks in a sketch have no SQL on Spark") if words[0] == "rank_tdigest" else lower
    return Function(name, signature, rule, doc, example, value, lower, spark, category="sketches", result_name=prefix)


_T: Final = "dynamic([1, 2, 3, 4])"

ROWS: Final = (
    _row("dcount_hll", "hll: dynamic", "long", "The number of distinct values of a sketch.",
         "dcount_hll(dynamic([1, 2]))",
         "2", "dcount_hll_", "dcount_hll"),
    _row("hll_merge", "...hll: dynamic", "dynamic", "One sketch of several.",
         "dcount_hll(hll_merge(dynamic([1, 2]), dynamic([2, 3])))", "3", "hll_merged_result", "python", "set_union",
         "dynamic"),
    _row("hll_isvalid", "hll: dynamic", "bool", "True if the value is a sketch of distinct values.",
         "hll_isvalid(dynamic([1]))", "True", "", "is_sketch"),
    _row("percentile_tdigest", "tdigest: dynamic, percentile: real, type?: type", "@type",
         "The value at a percentile of a sketch.", f"percentile_tdigest({_T}, 50, typeof(long))", "2",
         "percentile_tdigest_", "percentile_tdigest"),
    _row("percentiles_array_tdigest", "tdigest: dynamic, ...percentile: real|dynamic", "dynamic",
         "The values at several percentiles of a sketch.", f"percentiles_array_tdigest({_T}, 0, 50, 100)", "[1,2,4]",
         "percentile_tdigest_", "percentiles_array_tdigest"),
    _row("percentrank_tdigest", "tdigest: dynamic, value: scalar", "real",
         "The share of the values, in percent, that are not above a value.", f"percentrank_tdigest({_T}, 2)", "50.0",
         "",
         "rank_tdigest", "percent"),
    _row("rank_tdigest", "tdigest: dynamic, value: scalar", "real", "How many values are not above a value.",
         f"rank_tdigest({_T}, 3)", "3.0", "", "rank_tdigest"),
    _row("tdigest_merge", "...tdigest: dynamic", "dynamic", "One sketch of several.",
         "rank_tdigest(tdigest_merge(dynamic([1, 2]), dynamic([2, 3])), 2)", "3.0", "tdigests_merge_result",
         "array_concat"),
    _row("merge_tdigest", "...tdigest: dynamic", "dynamic", "One sketch of several.",
         "rank_tdigest(merge_tdigest(dynamic([1, 2]), dynamic([2, 3])), 2)", "3.0", "tdigests_merge_result",
         "array_concat"),
    _row("tdigest_isvalid", "tdigest: dynamic", "bool", "True if the value is a sketch of a distribution.",
         "tdigest_isvalid(dynamic([1]))", "True", "", "is_sketch"),
)  # fmt: skip
