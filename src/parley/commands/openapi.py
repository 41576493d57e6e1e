"""`parley openapi`: the OpenAPI document of the API."""

import argparse
import sys
from typing import Any


def add_to(commands: Any) -> None:
    parser = commands.add_parser("openapi", help="print the OpenAPI document of the API")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the document; it doesn't depend on the settings, so none are read and nothing is opened."""
    import tempfile
    from pathlib import Path

    import msgspec

    from parley.kernel.settings import Settings
    from parley.main import create_app

    folder = Path(tempfile.gettempdir())
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder}/parley-openapi", secret_key="-")
    schema: Any = create_app(settings).app
    document = msgspec.json.encode(schema.openapi_schema.to_schema())
    sys.stdout.buffer.write(msgspec.json.format(document, indent=2) + b"\n")
    sys.stdout.flush()
    return 0
