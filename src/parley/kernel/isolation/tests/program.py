"""A program that does what a test asks it for: `python -m parley.kernel.isolation.tests.program`."""

import os
import tempfile
import time

from parley.kernel.isolation.program import serve


def do(request: bytes, content: bytes) -> tuple[bytes, list[bytes]]:
    match request:
        case b"pid":
            return str(os.getpid()).encode(), []
        case b"sleep":
            time.sleep(60)
        case b"spin":
            while True:
                pass
        case b"memory":
            return str(len(bytes(200 * 1024 * 1024))).encode(), []
        case b"abort":
            os.abort()
        case b"leave":
            os._exit(0)
        case b"raise":
            raise ValueError(content)
        case b"print":
            print("not an answer", flush=True)
        case b"environment":
            return " ".join(os.environ).encode(), []
        case b"write":
            with tempfile.TemporaryFile() as file:
                file.write(b"x" * 100)
    return request[::-1], [content, content[:3]]


if __name__ == "__main__":
    serve(do, cpu_s=1, memory_bytes=64 * 1024 * 1024)
