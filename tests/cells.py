"""Cells of a real kernel: what one answers, and what it sends on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_client.blocking import BlockingKernelClient


def run(client: BlockingKernelClient, code: str, timeout: float = 60) -> tuple[dict, list[dict]]:
    """The reply to a cell and its messages."""
    messages: list[dict] = []
    reply = client.execute_interactive(code, timeout=timeout, output_hook=messages.append)
    return reply["content"], messages


def data(messages: list[dict], kind: str) -> list[dict]:
    return [message["content"]["data"] for message in messages if message["msg_type"] == kind]
