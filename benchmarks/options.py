"""What can be asked of `make bench`."""

import argparse

from benchmarks.at_size import TITLES as AT_SIZE
from benchmarks.operations import TITLES

PARTS = (
    "throughput", "connections", "live", "growth", "group_commit", "size", "webhooks", "suggestions", "inbound", "files",
    "outbound", "hostile", "mail", "embedded", "recordings", "replay", "unlocking", "answers", "ingest", "insights",
    "subscriptions", "reports", "sign_in", "scim", "audit_log", "mcp", "pages", "interaction", "clickhouse",
)  # fmt: skip
EVENTS = {"postgresql": 10_000_000, "sqlite": 1_000_000}
LOADED = {"throughput", "connections", "growth", "group_commit"}
SIZES = {"postgresql": [10_000, 100_000, 1_000_000], "sqlite": [10_000, 100_000]}


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure, and print the tables of docs/performance.md and one of all aims.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)} (all)")
    every = tuple(dict.fromkeys((*TITLES, *AT_SIZE)))
    parser.add_argument(
        "--operations",
        nargs="+",
        choices=every,
        help="only these of throughput, connections, group_commit or size",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured (3)")
    parser.add_argument("--seconds", type=float, default=4, help="how long each time (4)")
    _add_sizes(parser)
    parser.add_argument(
        "--databases",
        nargs="+",
        choices=tuple(SIZES),
        default=list(SIZES),
        help="for size, webhooks, outbound, ingest, answers, insights, subscriptions and scim",
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the figures by commit in benchmarks/results.json"
    )
    parser.add_argument(
        "--profile", choices=tuple(TITLES), help="say instead where Parley spends its time in one"
    )
    return parser


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    """Add how much there is of everything."""
    parser.add_argument("--small", type=int, default=2_000, help="tickets of the project (2000)")
    parser.add_argument("--large", type=int, default=200_000, help="tickets for growth and pages (200000)")
    parser.add_argument("--sizes", nargs="+", type=int, help="tickets for size (10000 100000 1000000)")
    parser.add_argument(
        "--suggestions",
        type=int,
        default=143_000,
        help="tickets for suggestions, 70 %% of them resolved (143000)",
    )
    parser.add_argument("--webhooks", type=int, default=2_000, help="events for webhooks (2000)")
    parser.add_argument("--mails", type=int, default=1_000, help="mails for inbound and outbound (1000)")
    parser.add_argument("--recordings", type=int, default=1_000_000, help="recordings (1000000)")
    parser.add_argument("--batches", type=int, default=3_000, help="batches of recorders for replay (3000)")
    parser.add_argument("--events", type=int, default=100_000, help="events for ingest (100000)")
    parser.add_argument(
        "--stored", type=int, help="events for insights (10000000 on PostgreSQL, 1000000 on SQLite)"
    )
    parser.add_argument("--subscriptions", type=int, default=10_000, help="subscriptions due at once (10000)")
    parser.add_argument("--people", type=int, default=10_000, help="people for scim (10000)")
    parser.add_argument("--ledger", type=int, default=1_000_000, help="rows of the ledger (1000000)")
