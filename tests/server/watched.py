"""The server under an eye: it ends at once where it would connect, start a program, or import or read what it must not.

What must not be read or imported from stands in `WATCHED_FORBIDDEN`, folders and files set apart as in `PATH`.
"""

from __future__ import annotations

import os
import sys

CONNECTS = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"}
READS = {"open", "os.listdir", "os.scandir"}
FORBIDDEN = tuple(filter(None, os.environ.get("WATCHED_FORBIDDEN", "").split(os.pathsep)))
WORKSPACE = os.environ.get("WATCHED_WORKSPACE", "\0")


def watch(event: str, arguments: tuple[object, ...]) -> None:
    told = event in CONNECTS | STARTS
    if event in READS and arguments and FORBIDDEN:
        told = isinstance(arguments[0], str | os.PathLike) and os.fspath(arguments[0]).startswith(FORBIDDEN)  # type: ignore[arg-type]
    if event in {"exec", "import"}:
        code = arguments[0]
        told = str(getattr(code, "co_filename", arguments[1] if len(arguments) > 1 else "")).startswith(WORKSPACE)
    if told:
        os.write(2, f"forbidden: {event} {arguments!r}\n".encode())
        os._exit(97)


if __name__ == "__main__":
    sys.addaudithook(watch)
    from huntlens_server.cli import main

    main()
