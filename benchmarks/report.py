"""The figures of tickets, webhooks and the program itself, as Markdown."""

from collections.abc import Mapping, Sequence

from benchmarks.aims import aim_of, wanted
from benchmarks.at_size import TITLES as AT_SIZE
from benchmarks.at_size import Timed
from benchmarks.embedded import Embedded
from benchmarks.figures import slug
from benchmarks.growth import Grown
from benchmarks.hostile import Stall
from benchmarks.live import Live
from benchmarks.operations import TITLES
from benchmarks.suggestions import Suggested
from benchmarks.throughput import Compared, cpu_us, p50_ms, per_second, throughput_figures
from benchmarks.webhooks import Sent


def throughput_table(found: Mapping[str, Compared]) -> str:
    """Return the table of operations, and the events a second."""
    lines = [
        "| Operation | Parley, a second | ceiling, a second | ratio | at least | aim | p50 "
        "| CPU of a request, server + PostgreSQL: Parley | ceiling |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        aim = aim_of(f"throughput.{name}.ratio")
        least, aimed = (f"{aim.minimum:.2f}", f"{aim.value:.2f}") if aim else ("", "")
        own, bare = ("{:.0f} + {:.0f} us".format(*cpu_us(readings)) for readings in (one.parley, one.ceiling))
        lines.append(
            f"| {TITLES[name]} | {per_second(one.parley):.0f} | {per_second(one.ceiling):.0f} "
            f"| **{one.ratio:.2f}** | {least} | {aimed} | {p50_ms(one.parley):.1f} ms | {own} | {bare} |"
        )
    if "capture" in found:
        events = throughput_figures(found)["captured.per_second"]
        lines += ["", f"Capture: {events:.0f} events a second ({wanted('throughput.captured.per_second')})."]
    return "\n".join([*lines, ""])


def live_line(found: Live) -> str:
    """Return the sentence about live updates."""
    return (
        f"Message posted until its notice is in an open inbox: p50 {found.notice_p50_ms:.1f} ms "
        f"({wanted('live.notice_p50.ms')}), "
        f"p95 {found.notice_p95_ms:.1f} ms ({wanted('live.notice_p95.ms')}); until the page has its words: "
        f"p50 {found.words_p50_ms:.1f} ms, p95 {found.words_p95_ms:.1f} ms.\n"
    )


def growth_table(parley: Sequence[Grown], ceiling: Sequence[Grown], small: int, large: int) -> str:
    """Return the table of growth."""
    bare = {one.name: one for one in ceiling}
    lines = [
        f"| | p50, {small} tickets | p50, {large} tickets | growth | to reach | ceiling's | growth of CPU time "
        "| ceiling's |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in parley:
        title = TITLES.get(one.name, "`next` page, far from the first")
        theirs = bare.get(one.name)
        times, work = (f"{theirs.factor:.2f}", f"{theirs.work_factor:.2f}") if theirs else ("", "")
        lines.append(
            f"| {title} | {one.small_ms:.2f} ms | {one.large_ms:.2f} ms | **{one.factor:.2f}** "
            f"| {wanted(f'growth.{one.name}_{small}_to_{large}.times')} | {times} | {one.work_factor:.2f} | {work} |"
        )
    return "\n".join([*lines, ""])


def size_line(timed: Timed) -> str:
    """Return in one line how long an operation took at each place."""
    places = range(len(timed.waits))
    times = ", ".join(f"{timed.p50_ms(place):.2f} ({timed.p95_ms(place):.2f})" for place in places)
    return f"  {AT_SIZE[timed.name]}: {times} ms; {timed.factor(-1):.2f} times"


def suggestion_line(found: Suggested) -> str:
    """Return the line of suggested replies."""
    return (
        f"`suggest_reply` without a model, {found.resolved:,} resolved tickets, PostgreSQL: p50 "
        f"**{found.p50_ms:.0f} ms** "
        f"({wanted(f'suggestions.suggest_{found.resolved}.ms')}), p95 {found.p95_ms:.0f} ms; {found.found} of 50 "
        f"questions found an answer"
    )


def size_table(found: Sequence[Timed], database: str, sizes: Sequence[int]) -> str:
    """Return the table of one client's waits."""
    names = (f"{size:,}".replace(",", " ") for size in sizes)
    titles = " | ".join(f"{name} tickets, p50 (p95)" for name in names)
    lines = [f"| {database} | {titles} | last / first |", "|---" * (len(sizes) + 2) + "|"]
    for one in found:
        times = " | ".join(f"{one.p50_ms(n):.1f} ({one.p95_ms(n):.1f}) ms" for n in range(len(sizes)))
        lines.append(f"| {AT_SIZE[one.name]} | {times} | **{one.factor(-1):.2f}** |")
    return "\n".join([*lines, ""])


def webhook_table(found: Sequence[Sent], database: str) -> str:
    """Return the table of webhooks."""
    lines = [
        f"| webhooks on {database} | arrived | a second | to reach | CPU of each, server | out of order | twice | "
        f"connections |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in found:
        lines.append(
            f"| {one.title} | {one.came} of {one.deliveries} | **{one.per_second:.0f}** "
            f"| {wanted(f'webhooks.{slug(one.title)}_{one.deliveries // one.endpoints}.per_second')} | "
            f"{one.cpu_ms:.2f} ms | {one.reversed} | {one.repeated} | {one.connections} |"
        )
    return "\n".join([*lines, ""])


def embedded_lines(found: Embedded) -> str:
    """Return the sentences about the embedded size."""
    return (
        f"Embedded: ready after {found.ready_new_s:.1f} s on an empty folder "
        f"({wanted('embedded.ready_new.s')}; {found.work_new_s:.1f} s of processor time), "
        f"{found.ready_again_s:.2f} s on an existing one ({wanted('embedded.ready_again.s')}; "
        f"{found.work_again_s:.1f} s); {found.memory_mib:.0f} MiB when idle ({wanted('embedded.idle.mib')}).\n"
    )


def stall_table(found: Sequence[Stall]) -> str:
    """Return how long others waited, by kind of request, the longest first."""
    lines = ["| sent to every route for everybody | bytes | longest wait for `/_health`, ms | at | answers |"]
    lines.append("|---|---:|---:|---|---|")
    lines += [
        f"| {one.title} | {one.sent_bytes} | {one.longest_ms:.1f} | `{one.route}` | {', '.join(map(str, one.statuses))} |"
        for one in sorted(found, key=lambda one: -one.longest_ms)
    ]
    return "\n".join(lines) + "\n"
