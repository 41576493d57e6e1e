"""`parley serve`: everything in one process, or in several."""

import argparse
from typing import Any

from parley.commands.command_database import refusing
from parley.commands.output import CommandRefused


def add_to(commands: Any) -> None:
    parser = commands.add_parser("serve", help="migrate the database if needed and serve everything")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    parser.add_argument(
        "--workers", type=int, default=1, help="processes; more than one needs PostgreSQL and Redis"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM."""
    from parley.server.serve import serve

    if not 0 < arguments.port < 65536 or arguments.workers < 1:
        raise CommandRefused("--port must be between 1 and 65535, and --workers at least 1.")
    with refusing():
        return serve(arguments.host, arguments.port, arguments.workers)
