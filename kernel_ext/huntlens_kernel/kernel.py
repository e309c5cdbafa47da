"""The kernel of `huntlens kernel install`: ipykernel's, with the extension loaded before the first cell."""

from __future__ import annotations

from typing import Any

from ipykernel.ipkernel import IPythonKernel


class HuntKernel(IPythonKernel):  # type: ignore[misc]  # traitlets has types that mypy cannot follow
    """Python, and `%%kql` beside it: completion and help for KQL come with the extension."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.shell.extension_manager.load_extension("huntlens_kernel")
