"""`parley demo`: fill a project with believable conversations."""

import argparse
import asyncio
from typing import Any

from parley.commands.command_database import opened_services, read_settings, refusing
from parley.commands.output import say


def add_to(commands: Any) -> None:
    parser = commands.add_parser("demo", help="fill a project with 200 made-up conversations")
    parser.add_argument("--project", required=True, type=int, metavar="ID", help="the project's number")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Load the demo data, or what is left of it; a project that has all of it is left alone."""

    async def work() -> None:
        from parley.demo.loading import load_demo_data

        async with opened_services(read_settings()) as services:
            await load_demo_data(services, arguments.project)

    with refusing():
        asyncio.run(work())
    say(f"Project {arguments.project} has 200 conversations to look around in.")
    return 0
