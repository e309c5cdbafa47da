"""The command line `huntlens`: the library, for people and scripts at a prompt."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point of the `huntlens` program."""
    from huntlens.cli.app import run

    run()
