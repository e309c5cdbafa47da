"""A kernel of its own for notebooks: Python with the extension loaded, so that `%%kql` works in the first cell.

It is ipykernel with a thin class of ours (`huntlens_kernel.kernel`).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from huntlens.errors import ConfigError

NAME: Final = "huntlens"
CLASS: Final = "huntlens_kernel.kernel.HuntKernel"


def spec() -> dict[str, Any]:
    """What Jupyter starts, with the Python that this runs in."""
    launch = [
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        f"--IPKernelApp.kernel_class={CLASS}",
    ]
    return {
        "argv": launch,
        "display_name": "Python (huntlens)",
        "language": "python",
        "metadata": {"debugger": True},
    }


def install(*, user: bool = True, prefix: str = "", name: str = NAME) -> Path:
    """Put the kernel where Jupyter looks, for this user or below a prefix; gives the folder."""
    from jupyter_client.kernelspec import KernelSpecManager

    with tempfile.TemporaryDirectory(prefix="huntlens-") as folder:
        Path(folder, "kernel.json").write_text(json.dumps(spec(), indent=1), "utf-8")
        try:
            made = KernelSpecManager().install_kernel_spec(
                folder, name, user=user and not prefix, prefix=prefix or None
            )
        except (OSError, ValueError) as error:
            raise ConfigError(f"the kernel could not be installed: {error}") from error
    return Path(made)


def remove(name: str = NAME) -> Path:
    """Take the kernel away again."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        return Path(KernelSpecManager().remove_kernel_spec(name))
    except NoSuchKernel:
        raise ConfigError(f"no kernel is named '{name}'; `jupyter kernelspec list` shows all") from None
