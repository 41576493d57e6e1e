"""`python -m benchmarks.profiled FILE serve ...`: the command line under Python's profiler, whose figures FILE gets."""

import cProfile
import os
import sys
from typing import NoReturn

from parley import cli


def main() -> None:
    """Run the command; its end writes the figures, as Parley ends its processes at once (`kernel/process.py`)."""
    file, end = sys.argv[1], os._exit
    profile = cProfile.Profile()

    def write_and_end(status: int) -> NoReturn:
        profile.disable()
        profile.dump_stats(file)
        end(status)

    os._exit = write_and_end
    sys.argv[1:] = sys.argv[2:]
    profile.enable()
    cli.program()


if __name__ == "__main__":
    main()
