"""The lock files hold digests and no addresses, and agree with each other and with what was built."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIP_LOCKS = ["requirements.lock", "requirements-dev.lock", "tools/uv.lock", "tools/node.lock"]


def pins(name):
    """Give each pinned package of a lock file with its version."""
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", PIP_LOCKS)
def test_a_lock_names_digests_and_no_address(name):
    text = (ROOT / name).read_text()
    assert text.count("--hash=sha256:") >= len(pins(name)) > 0
    assert "://" not in text
    assert "--index-url" not in text


def test_both_locks_pin_the_same_versions():
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert runtime.items() <= development.items()


def test_the_npm_lock_names_digests_and_no_address():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert [name for name, package in packages.items() if "integrity" not in package] == [""]


def test_the_widget_is_of_the_pinned_version():
    wanted = json.loads((ROOT / "package.json").read_text())["parley"]["widget"]["version"]
    folder = ROOT / "src" / "parley" / "conversations" / "widget" / "static"
    assert (folder / "version.txt").read_text().strip() == wanted
    assert wanted in (folder / "array.js").read_text()
    assert {"array.js", "conversations.js", "recorder.js", "surveys.js"} <= {
        file.name for file in folder.iterdir()
    }
