#!/bin/sh
# Makes .venv with the first Python that is new enough. PYTHON=/path/to/python3 names one by hand.
set -eu
cd "$(dirname "$0")/.."

is_new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if is_new_enough "$name"; then
            echo "$name"
            return
        fi
    done
}

python=$(find_python)
if [ -z "$python" ]; then
    echo "Parley needs Python 3.11 or newer, and none was found." >&2
    echo "Install one (on Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3" >&2
    exit 1
fi

# Debian keeps the part of Python that makes virtual environments in a package of its own.
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    package=$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info.minor)')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "$python cannot make virtual environments: the package $package is missing." >&2
        echo "Install it (on Debian: sudo apt install $package), then try again." >&2
        exit 1
    fi
    echo "Installing $package ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$package" >/dev/null
fi

echo "Making .venv with $("$python" --version) ..."
"$python" -m venv .venv
