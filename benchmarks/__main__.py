"""`make bench`: measure, print the tables of docs/performance.md, and say which aims are reached and what became slower."""

import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.closing import aims_table, comparison, failures
from benchmarks.cluster import durable_postgres, machine
from benchmarks.feature_parts import run_features
from benchmarks.load import LoadFailed, check_wrk
from benchmarks.loaded_parts import run_loaded
from benchmarks.options import LOADED, PARTS, make_parser
from benchmarks.profiling import profile
from benchmarks.programs import ProgramFailed
from benchmarks.results import Result, ResultsUnreadable, read_results, result_now, with_result, write_results
from benchmarks.run import Run, tell
from tests.servers import ServerFailed


def main() -> int:
    """Measure and print; return the exit code."""
    parser = make_parser()
    options = parser.parse_args()
    if unknown := set(options.parts).difference(PARTS):
        parser.error(f"there is no part {sorted(unknown)[0]!r}; there are {', '.join(PARTS)}")
    try:
        if options.profile or not options.parts or LOADED.intersection(options.parts):
            check_wrk()
        kept = read_results()  # first, so that a file that can't be read is known before an hour of measuring
        with tempfile.TemporaryDirectory(prefix="parley-bench-") as name, durable_postgres() as cluster:
            if options.profile:
                print(profile(options.profile, cluster, Path(name), options.small, options.seconds))
                return 0
            print(f"{machine()}\n", flush=True)
            run = Run(options, cluster, Path(name))
            _measure(run, options.parts or PARTS, kept)
    except (LoadFailed, ProgramFailed, ResultsUnreadable, ServerFailed) as error:
        tell(str(error))
        return 1
    return 1 if run.failed else 0


def _measure(run: Run, parts: Sequence[str], kept: Sequence[Result]) -> None:
    """Run the parts; whatever ends that, close with what was measured until then."""
    try:
        run_loaded(run, parts)
        run_features(run, parts)
    finally:
        _close(run, kept)


def _close(run: Run, kept: Sequence[Result]) -> None:
    """Print the table of all aims and what became slower, and keep the figures if that was asked for."""
    where = machine()
    today = datetime.now(UTC).date()
    print(f"\n{aims_table(run.figures)}\n\n{comparison(run.figures, kept, where, today)}", flush=True)
    print(failures(run.failed), flush=True)
    if run.options.keep and run.figures:
        write_results(with_result(kept, result_now(where, run.figures)))


if __name__ == "__main__":
    sys.exit(main())
