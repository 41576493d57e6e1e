"""`parley openapi`: the OpenAPI document of the API."""

import argparse
import sys
from typing import Any


def add_to(commands: Any) -> None:
    parser = commands.add_parser("openapi", help="print the OpenAPI document of the API")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the document; it is the same whatever the settings are, so none are read and nothing is opened."""
    import tempfile
    from pathlib import Path

    import msgspec

    from parley.kernel.settings import Settings
    from parley.main import create_app

    settings = Settings(
        data_dir=Path(tempfile.gettempdir()), database_url="sqlite:///:memory:", secret_key="-"
    )
    schema: Any = create_app(settings).app
    document = msgspec.json.encode(schema.openapi_schema.to_schema())
    sys.stdout.buffer.write(msgspec.json.format(document, indent=2) + b"\n")
    sys.stdout.flush()
    return 0
