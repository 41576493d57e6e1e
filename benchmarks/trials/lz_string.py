"""`python -m benchmarks.trials.lz_string`: our reader of lz-string beside the package `lzstring`, in one process each.

Another package that has `decompressFromBase64` or `decompress_from_base64` may be named: `... lz_string MODULE`.
"""

import json
import random
import resource
import subprocess
import sys
from importlib import import_module
from time import perf_counter
from typing import Any

import lzstring

from parley.people.events.rules.lz_string import ALPHABET, LzTooLong, decompress_base64

MOST = 1024 * 1024
N_CODES = 28_300
"""What fits into the 64 KiB that Parley takes; each code stands for one letter more than the one before."""


def bomb() -> bytes:
    """Return a text of one letter, four hundred million times."""
    bits = ["00", f"{ord('a'):08b}"[::-1]]
    for code in range(4, 4 + N_CODES):
        bits.append(f"{code:0{code.bit_length()}b}"[::-1])
    end = 4 + N_CODES
    bits.append(f"{2:0{end.bit_length()}b}"[::-1])
    text = "".join(bits)
    text += "0" * (-len(text) % 24)
    return bytes(ALPHABET[int(text[place : place + 6], 2)] for place in range(0, len(text), 6))


def batch() -> bytes:
    """Return sixty events as an SDK would send them."""
    chance = random.Random(1)
    events = [
        {
            "event": chance.choice(["$pageview", "$autocapture", "bought"]),
            "properties": {"distinct_id": f"{chance.getrandbits(128):032x}", "price": chance.random()},
        }
        for _ in range(60)
    ]
    packed: str = lzstring.LZString.compressToBase64(json.dumps(events))
    return packed.encode()


def read(name: str, data: bytes) -> Any:
    if name == "ours":
        try:
            return decompress_base64(data, MOST)
        except LzTooLong:
            return "refused"
    module = import_module(name)
    found = getattr(module, "LZString", module)
    do = getattr(found, "decompressFromBase64", None) or found.decompress_from_base64
    return do(data.decode())


def measure(name: str, case: str) -> None:
    """Print time and memory of this process for one text."""
    data = bomb() if case == "bomb" else batch()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, perf_counter()
    found = read(name, data)
    took = (perf_counter() - began) * 1000
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"{name:<12}{case:<7}{len(data):>7} bytes: {took:>8.1f} ms, {more:>7.1f} MiB, {len(found):>11} characters"
    )


if __name__ == "__main__":
    if sys.argv[2:]:
        measure(*sys.argv[1:])
    else:
        for one in ("batch", "bomb") * 3:
            for way in ("ours", *(sys.argv[1:] or ["lzstring"])):
                subprocess.run([sys.executable, "-m", "benchmarks.trials.lz_string", way, one], check=True)
