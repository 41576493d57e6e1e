"""What was measured of mail and files, as Markdown."""

from collections.abc import Sequence

from benchmarks.aims import wanted
from benchmarks.inbound import Interpreted, LedgerList
from benchmarks.large_files import Carried
from benchmarks.mail_reading import MailReading
from benchmarks.outbound import Mailed


def mail_line(found: MailReading) -> str:
    """Return one line about reading mail in processes of their own."""
    before, after = found.memory_before_mb, found.memory_after_mb
    return (
        f"Mails of 20 KB read a second: {found.mails_per_second:.0f} ({wanted('mail.read.per_second')}); the first "
        f"after {found.first_ms:.0f} ms. "
        f"Memory of the processes that read: {before:.0f} MB after 500 mails, {after:.0f} MB after 10,500."
    )


def outbound_line(done: Mailed) -> str:
    """Return how fast answers go out by mail."""
    own, bare = done.mails / done.took_s, done.mails / done.bare_s
    return (
        f"{done.mails} answers mailed to a server on this machine, {done.database}: **{own:.0f} a second** "
        f"({wanted('outbound.mailed.per_second')}), planned, composed, signed and recorded; "
        f"{1000 * done.cpu_s / done.mails:.1f} ms of the server's processor time each. A bare client hands over "
        f"{bare:.0f} a second, so the ratio is {own / bare:.2f}.\n"
    )


def inbound_smtp_line(done: Interpreted) -> str:
    """Return what mail by the SMTP door costs."""
    return (
        f"{done.mails} signed mails of 20 KB by SMTP: verified and kept {done.mails / done.kept_s:.0f} a second, "
        f"interpreted **{done.per_second:.0f} a second** ({wanted('inbound.by_smtp.per_second')}); "
        f"{done.cpu_ms:.1f} ms of processor time each, all processes of Parley together, which "
        f"grew by {done.grown_kb / 1024:.0f} MB.\n"
    )


def inbound_tables(done: Interpreted, lists: Sequence[LedgerList]) -> str:
    """Return what inbound mail costs, and how long the list of its ledger takes."""
    lines = [
        f"{done.mails} posted mails of 20 KB: kept {done.mails / done.kept_s:.0f} a second, "
        f"interpreted **{done.per_second:.0f} a second** ({wanted('inbound.posted.per_second')}); "
        f"{done.cpu_ms:.1f} ms of the server's processor time each; "
        f"the server grew by {done.grown_kb / 1024:.0f} MB.",
        "",
        f"| List of the ledger | rows | p50 ({wanted(f'inbound.ledger_{lists[0].rows}.ms')}) |",
        "|---|---|---|",
    ]
    lines += [f"| {one.title} | {one.rows} | {one.p50_ms:.1f} ms |" for one in lists]
    return "\n".join([*lines, ""])


def large_files_line(found: Carried) -> str:
    """Return how a large file goes up and down."""
    return (
        f"A file of {found.size_mib} MB, {found.times} times: up in {found.up_s:.2f} s, down in {found.down_s:.2f} s; "
        f"the peak of the server's memory grew by **{found.grown_mib:.1f} MiB** ({wanted('files.grown.mib')}).\n"
    )
