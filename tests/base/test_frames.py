"""What frames set for the whole process is put back, whoever leaves last."""

from __future__ import annotations

import pyarrow as pa

from huntlens.frames import lean_arrow


def test_the_pool_of_arrow_is_back_after_calls_that_overlap() -> None:
    before = pa.default_memory_pool().backend_name
    first, second = lean_arrow(), lean_arrow()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert pa.default_memory_pool().backend_name == "system"
    second.__exit__(None, None, None)
    assert pa.default_memory_pool().backend_name == before
