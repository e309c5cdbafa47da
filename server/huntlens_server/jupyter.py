"""How JupyterLab starts the server, through the entry point group `jupyter_lsp_spec_v1`.

For KQL only: a server that claims Python would displace the one that the user has, and magic cells reach a Python
server rewritten, with other positions. The small extension of JupyterLab that comes with the package makes the bodies
of `%%kql` cells documents of their own.
"""

from __future__ import annotations

import sys
from typing import Any


def spec(_app: object) -> dict[str, dict[str, Any]]:
    """The server's entry for `jupyter-lsp`.

    >>> sorted(spec(None)["huntlens"]["languages"])
    ['kql', 'kusto']
    """
    return {
        "huntlens": {
            "version": 2,
            "display_name": "huntlens",
            # -P: it is started in the folder of the notebooks, and imports nothing that lies there.
            "argv": [sys.executable, "-P", "-m", "huntlens_server"],
            "languages": ["kql", "kusto"],
            "mime_types": ["text/x-kql", "text/x-kusto"],
            "requires_documents_on_disk": False,
            "urls": {},
            "workspace_configuration": {},
        }
    }
