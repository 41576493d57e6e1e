"""`parley mcp --stdio`: the tools of a server for a desktop client that speaks over standard input and output."""

import argparse
import os
from typing import Any

from parley.commands.output import CommandRefused

URL, KEY = "PARLEY_MCP_URL", "PARLEY_MCP_KEY"


def add_to(commands: Any) -> None:
    parser = commands.add_parser("mcp", help="give a desktop client the tools of a Parley server")
    parser.add_argument("--stdio", action="store_true", required=True, help="over standard input and output")
    parser.add_argument("--url", help=f"address of the server, such as https://support.example.com; or {URL}")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client goes. The key is read from the environment alone: other users see command lines."""
    import asyncio

    from parley.commands.mcp_bridge import Unreachable, bridge

    url, key = arguments.url or os.environ.get(URL, ""), os.environ.get(KEY, "")
    if not url.startswith(("http://", "https://")):
        raise CommandRefused(f"Name the server with --url or {URL}, such as https://support.example.com.")
    if not key or not key.isascii() or not key.isprintable():
        raise CommandRefused(f"Put a personal API key into {KEY}.")
    site = url.rstrip("/").removesuffix("/mcp")
    try:
        asyncio.run(bridge(f"{site}/mcp", key))
    except Unreachable as error:
        raise CommandRefused(str(error)) from error
    return 0
