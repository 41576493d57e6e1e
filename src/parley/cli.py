"""The command line. Each command is a module of `parley.commands` and imports heavy things when it runs."""

import argparse
import os
from collections.abc import Sequence

import parley
from parley.commands import (
    api_key,
    bootstrap,
    demo,
    doctor,
    mcp,
    migrate,
    openapi,
    renew_secrets,
    rotate_key,
    serve,
    user,
)
from parley.commands.output import CommandRefused, complain
from parley.kernel.process import leave

COMMANDS = (serve, bootstrap, user, api_key, demo, migrate, doctor, rotate_key, renew_secrets, openapi, mcp)
EXIT_OK, EXIT_REFUSED, EXIT_INTERRUPTED = 0, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit code."""
    parsed = make_parser().parse_args(arguments)
    os.umask(0o077)  # conversations, keys and mails are for the user that runs Parley alone
    try:
        code: int = parsed.run(parsed)
    except CommandRefused as refusal:
        complain(str(refusal))
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_OK  # whoever read our output has left, such as `head`
    return code


def make_parser() -> argparse.ArgumentParser:
    """Return the parser that knows every command."""
    parser = argparse.ArgumentParser(
        prog="parley", description="Self-hosted conversations with customers.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"parley {parley.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    return parser


def program() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    leave(main())


if __name__ == "__main__":
    program()
