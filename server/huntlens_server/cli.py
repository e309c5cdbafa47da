"""Starting the server: `huntlens lsp`, or `python -m huntlens_server`."""

from __future__ import annotations

import argparse
import logging

DEFAULT_PORT = 2087


def run(
    *, tcp: bool = False, host: str = "127.0.0.1", port: int = DEFAULT_PORT, log: str = "", verbose: bool = False
) -> None:
    """Serve one client: over standard input and output, or the first that connects to a port."""
    handler: logging.Handler = logging.FileHandler(log) if log else logging.StreamHandler()
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        handlers=[handler],
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        force=True,
    )
    # On INFO it writes the body of every message.
    logging.getLogger("pygls").setLevel(logging.ERROR)
    from huntlens_server import transport
    from huntlens_server.server import HuntlensServer

    server = HuntlensServer()
    if tcp:
        transport.serve_tcp(server, host, port)
    else:
        transport.serve_stdio(server)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="huntlens_server", description="The huntlens language server.")
    parser.add_argument("--stdio", action="store_true", help="speak over standard input and output; the default")
    parser.add_argument("--tcp", action="store_true", help="wait for one client on a port instead")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port to listen on; 0 picks a free one")
    parser.add_argument("--log", default="", metavar="FILE", help="write the log to a file instead of standard error")
    parser.add_argument("--verbose", action="store_true", help="log more")
    given = parser.parse_args()
    run(tcp=given.tcp, host=given.host, port=given.port, log=given.log, verbose=given.verbose)
