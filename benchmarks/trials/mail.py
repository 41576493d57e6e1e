"""`python -m benchmarks.trials.mail`: our readers of mail beside packages that do the same, each in a process of its own.

Packages that aren't installed are left out: `email-reply-parser`, `mail-parser-reply`, `inscriptis`, `html-text`,
`flufl.bounce`. The collections of mail must be in `../shared/data/mail`.
"""

import base64
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from parley.email.parsing.mail import parse_mail
from parley.email.parsing.replies import separated
from parley.email.parsing.tests.corpora import FOLDER, files
from parley.email.parsing.tests.test_corpora import NOT_BOUNCES
from parley.email.parsing.tests.test_replies import EXPECTED
from parley.kernel.text.html_text import text_of_html
from parley.kernel.text.safe_html import sanitized

LIMIT_S = 20
LARGE = b"Content-Transfer-Encoding: base64\r\nContent-Type: image/png\r\n\r\n" + base64.encodebytes(
    os.urandom(22_000_000)
)
EMPTY_LINES = b"Subject: x\r\n\r\n" + b"\n" * 30_000_000
LANGUAGES = ["en", "de", "fr", "it", "nl", "es", "pl", "sv", "cs", "da"]
REPLY_BOMBS = ("On a b\n" * 5000, "On " * 20_000, "\n" * 50_000 + "x", "> " * 50_000)
ROW = "<tr><td style='color:red'><p>Hello <b>you</b> and <a href='http://example.com/a?b=c'>there</a></p></td></tr>"
ATTRIBUTES = "".join(f"a{n}=1 " for n in range(60_000))
PAGES = {
    "20 KB": "<table>" + ROW * 190 + "</table>",
    "deep": "<a>" * 50_000,
    "attributes": f"<p {ATTRIBUTES}>",
}


def python_parser(raw: bytes) -> int:
    parts = [part for part in message_from_bytes(raw).walk() if not part.is_multipart()]
    return sum(len(part.get_payload(decode=True) or b"") for part in parts)


def our_parser(raw: bytes) -> int:
    mail = parse_mail(raw)
    return len(mail.body) + sum(len(file.content) for file in mail.attachments)


def reply_of(package: str) -> Callable[[str], str]:
    """Return the function that returns what is new in a text."""
    if package == "ours":
        return lambda text: separated(text).text
    parser: Any = import_module(package).EmailReplyParser
    if package == "mailparser_reply":
        made = parser(languages=LANGUAGES)
        return lambda text: str(made.parse_reply(text))
    return lambda text: str(parser.parse_reply(text))


def replies(package: str) -> str:
    """Return how many texts of the collection are read as expected, and how long the worst of the bombs takes."""
    read = reply_of(package)
    right = 0
    for name, (first, last, *_) in EXPECTED.items():
        found = read((FOLDER / "replies" / name).read_text()).strip("\n")
        right += found.startswith(first) and found.rstrip().endswith(last)
    print(f"{right} of {len(EXPECTED)}, worst", end=" ", flush=True)
    return f"{worst(read, REPLY_BOMBS):.2f} s"


def texts(package: str) -> str:
    """Return how long HTML takes to become text."""
    readers: dict[str, Callable[[], Callable[[str], str]]] = {
        "ours": lambda: lambda page: text_of_html(sanitized(page)),
        "inscriptis": lambda: import_module("inscriptis").get_text,
        "html_text": lambda: import_module("html_text").extract_text,
    }
    read = readers[package]()
    read("<p>first</p>")
    return ", ".join(f"{name} {worst(read, (page,)) * 1000:.0f} ms" for name, page in PAGES.items())


def bounces(package: str) -> str:
    """Return the share of bounces that is recognised."""
    raws = [path.read_bytes() for path in files("bounces") if not path.name.startswith(NOT_BOUNCES)]
    if package == "ours":
        found = sum(parse_mail(raw).bounce is not None for raw in raws)
    else:
        failures: Callable[[Message], Any] = import_module("flufl.bounce").all_failures
        found = sum(any(failures(message_from_bytes(raw))) for raw in raws)
    return f"{found} of {len(raws)}"


def parsers(package: str) -> str:
    """Return the time and the memory that two mails of 30 MB take."""
    read = our_parser if package == "ours" else python_parser
    lines = []
    for name, raw in (("22 MB file", LARGE), ("empty lines", EMPTY_LINES)):
        Path("/proc/self/clear_refs").write_text("5")  # the highest memory so far is forgotten
        before = highest_kb()
        seconds = worst(read, (raw,))
        lines.append(f"{name} {seconds:.2f} s, +{(highest_kb() - before) // 1024} MB")
    return ", ".join(lines)


def highest_kb() -> int:
    """Return the most memory that this process has had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def worst(read: Callable[[Any], object], contents: tuple[Any, ...]) -> float:
    """Return the longest time in seconds, as far as the limit lets it come."""
    times = []
    for content in contents:
        started = perf_counter()
        with contextlib.suppress(RecursionError):
            read(content)
        times.append(perf_counter() - started)
    return max(times)


TRIALS: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "mails": (parsers, ("ours", "email")),
    "replies": (replies, ("ours", "email_reply_parser", "mailparser_reply")),
    "html": (texts, ("ours", "inscriptis", "html_text")),
    "bounces": (bounces, ("ours", "flufl.bounce")),
}


def main() -> None:
    if len(sys.argv) == 3:
        print(TRIALS[sys.argv[1]][0](sys.argv[2]))
        return
    for title, (_, packages) in TRIALS.items():
        for package in packages:
            command = [sys.executable, "-m", "benchmarks.trials.mail", title, package]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
                told = done.stdout.strip() or done.stderr.strip().split("\n")[-1]
            except subprocess.TimeoutExpired as late:
                told = f"{(late.stdout or b'').decode()}more than {LIMIT_S} s"
            print(f"{title:8} {package:20} {told}", flush=True)


if __name__ == "__main__":
    main()
