"""`parley openapi`: the OpenAPI document of the API."""

import argparse
import sys
from typing import Any


def add_to(commands: Any) -> None:
    parser = commands.add_parser("openapi", help="print the OpenAPI document of the API")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the document; it doesn't depend on the settings, so none are read and nothing is opened."""
    import msgspec

    import parley
    from parley.kernel.openapi.document import document
    from parley.main import collected_handlers

    found = msgspec.json.encode(document(collected_handlers(), parley.__version__))
    sys.stdout.buffer.write(msgspec.json.format(found, indent=2) + b"\n")
    sys.stdout.flush()
    return 0
