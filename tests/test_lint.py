"""Each rule of tools/lint lets a good sample pass and catches a bad one."""

from pathlib import Path

import pytest

from tools.lint import class_names, glossary, page_scripts
from tools.lint.run import CHECKS, allowance_for, findings, read_allowances
from tools.lint.sizes import check_features, check_template
from tools.lint.source import Module

PASSING = [
    (
        "citations",
        "tickets/routes.py",
        '"""Tickets (docs/tickets.md#reading; RFC 9562, section 5.7)."""\nsleep(0.25)',
    ),
    ("citations", "tickets/rules.py", '"""Counters (docs/wire/conversations.md#counters)."""'),
    (
        "write-home",
        "conversations/tickets/actions.py",
        "from parley.conversations.tickets.tables import ticket\nupdate(ticket)",
    ),
    ("write-home", "tickets/queries.py", "from parley.people.persons.tables import person\nselect(person)"),
    ("transactions", "kernel/database/database.py", "await connection.commit()"),
    ("clocks", "kernel/clock.py", "datetime.now(UTC)"),
    ("clocks", "tickets/actions.py", "clock.now()"),
    ("selects", "tickets/queries/lists.py", "from sqlalchemy import select\nselect(ticket)"),
    ("selects", "tickets/actions.py", "import select\nselect.select([], [], [])"),
    (
        "datetimes",
        "conversations/tickets/tables.py",
        "from parley.kernel.database.database import UtcDateTime\nColumn('at', UtcDateTime)",
    ),
    ("guards", "tickets/routes.py", "@get('/', guards=[needs('ticket:read')])\nasync def show(): ..."),
    (
        "guards",
        "tickets/routes.py",
        "READ = [needs('a:read')]\n@get('/', guards=READ)\nasync def show(): ...",
    ),
    ("guards", "web/pages.py", "@get('/', guards=[public])\nasync def show(): ..."),
    (
        "guards",
        "web/pages.py",
        "class Page:\n    guards = [public]\n    @get('/')\n    async def show(self): ...",
    ),
    ("guards", "tickets/actions.py", "@get('/')\nasync def show(): ..."),
    ("folding", "kernel/text/search_terms.py", "column.like(text)"),
    ("folding", "tickets/queries.py", "folded_holds(ticket.c.name, folded(text))"),
    ("names", "tickets/rules.py", ""),
    ("prepared", "accounts/roles/queries.py", "_X = Prepared(x)\nasync def a(): await database.read(_X)"),
    (
        "prepared",
        "accounts/roles/queries.py",
        "async def a(db): await db.execute(select(t).where(t.c.id == 1))",
    ),
    ("prepared", "conversations/tickets/queries.py", "async def a(db): await db.rows(_X, id=1)"),
    (
        "prepared",
        "conversations/tickets/queries.py",
        "async def a(db): await db.execute(select(t).where(*mine))",
    ),
    (
        "prepared",
        "conversations/tickets/actions.py",
        "async def a(db, x): await db.execute(update(t).values(**x))",
    ),
    (
        "prepared",
        "conversations/tickets/actions.py",
        "_X = 1\nasync def a(db): return (await db.execute(_X)).rowcount",
    ),
    (
        "private-parts",
        "server/listener.py",
        "from __future__ import annotations\nfrom granian.net import SocketSpec",
    ),
    ("private-parts", "tickets/routes.py", "from parley.conversations._x import _y"),
    ("sizes", "tickets/actions.py", "def act(a, b, c, d, e, f, g):\n" + "    act()\n" * 39),
    ("sizes", "tickets/actions.py", 'def act():\n    """' + "word\n" * 70 + '"""\n    act()'),
    ("sizes", "tickets/routes.py", "def plain():\n" + "    plain()\n" * 39),
]

FAILING = [
    ("citations", "tickets/routes.py", "\n# Bodies (core" + ".md)"),
    ("citations", "tickets/routes.py", "\n# Tickets (conversations" + ".md, 1.2)"),
    ("citations", "tickets/routes.py", "\n# As the specif" + "ication says."),
    ("citations", "tickets/routes.py", "\n# See sec" + "tion 4.7."),
    ("citations", "tickets/tests/test_x.py", "\n# What is told (5" + ".14)"),
    ("write-home", "tickets/actions.py", "from parley.people.persons.tables import person\nupdate(person)"),
    (
        "write-home",
        "tickets/actions.py",
        "from parley.people.persons.tables import person as p\nx = p.delete()",
    ),
    (
        "write-home",
        "tickets/actions.py",
        "from parley.people.persons import tables\nsa.insert(tables.person)",
    ),
    (
        "write-home",
        "tickets/actions.py",
        "import parley.people.persons.tables as t\nupsert(db, into=t.person)",
    ),
    ("write-home", "tickets/actions.py", "from parley.people.persons.tables import Person\nPerson(name='x')"),
    ("transactions", "tickets/actions.py", "\nawait db.commit()"),
    ("transactions", "main.py", "\nsession.rollback()"),
    ("clocks", "tickets/actions.py", "from datetime import datetime\ndatetime.now(UTC)"),
    ("clocks", "kernel/redis/cache.py", "import datetime\ndatetime.datetime.utcnow()"),
    ("selects", "tickets/actions.py", "from sqlalchemy import select\nselect(ticket)"),
    ("selects", "tickets/routes.py", "import sqlalchemy as sa\nsa.select(ticket)"),
    ("datetimes", "conversations/tickets/tables.py", "\nfrom sqlalchemy import Column, DateTime"),
    ("datetimes", "conversations/tickets/tables.py", "import sqlalchemy as sa\nsa.DateTime(timezone=True)"),
    ("guards", "tickets/routes.py", "\n@get('/')\nasync def show(): ..."),
    ("guards", "tickets/pages.py", "\n@post('/', guards=[])\nasync def show(): ..."),
    ("guards", "tickets/routes/replies.py", "class Replies:\n    @get('/')\n    async def show(self): ..."),
    ("folding", "tickets/queries.py", "\nticket.c.name.icontains(text)"),
    ("folding", "persons/queries.py", "\nfunc.lower(person.c.name)"),
    ("names", "tickets/helpers.py", ""),
    ("prepared", "accounts/roles/queries.py", "\nasync def a(db): return await db.rows(_X, id=1)"),
    ("prepared", "accounts/roles/actions.py", "\nasync def a(db): await db.each(_X, rows)"),
    (
        "prepared",
        "conversations/tickets/queries.py",
        "_X = select(t)\nasync def a(db): await db.execute(_X, values)",
    ),
    (
        "prepared",
        "people/persons/queries.py",
        "\nasync def a(db, id): await db.execute(select(t).where(t.c.id == id))",
    ),
    ("private-parts", "server/listener.py", "\nfrom granian._granian import ListenerSpec"),
    (
        "private-parts",
        "tickets/queries.py",
        "\nfrom sqlalchemy.engine.interfaces import _CoreAnyExecuteParams",
    ),
    ("private-parts", "tickets/queries.py", "\nimport litestar._kwargs"),
    ("names", "common/rules.py", ""),
    ("sizes", "tickets/actions.py", "pass\n" * 301),
    ("sizes", "tickets/actions.py", "\ndef act():\n" + "    act()\n" * 40),
    ("sizes", "tickets/routes.py", "@get('/')\ndef act():\n" + "    act()\n" * 20),
    ("sizes", "conversations/tickets/jobs.py", "@job('x')\ndef act():\n" + "    act()\n" * 25),
    ("sizes", "tickets/tests/test_x.py", "\ndef test_x():\n" + "    act()\n" * 40),
    ("sizes", "tickets/actions.py", "\ndef act(a, b, c, d, *, e, f, g, h): ..."),
    (
        "sizes",
        "tickets/actions.py",
        "\ndef act():\n if a:\n  for b in c:\n   with d:\n    try:\n     if e: f()\n    finally: g()",
    ),
]


def found_in(rule, path, text):
    return list(CHECKS[rule](Module(f"src/parley/{path}", text)))


@pytest.mark.parametrize(("rule", "path", "text"), PASSING)
def test_a_good_sample_passes(rule, path, text):
    assert found_in(rule, path, text) == []


@pytest.mark.parametrize(("rule", "path", "text"), FAILING)
def test_a_bad_sample_is_found(rule, path, text):
    found = found_in(rule, path, text)
    assert [finding.rule for finding in found] == [rule]
    assert found[0].line == (1 if found[0].text.startswith("This file") or rule == "names" else 2)


def test_every_rule_has_a_sample_of_both_kinds():
    assert {rule for rule, *_ in PASSING} == {rule for rule, *_ in FAILING} == set(CHECKS)


def test_an_elif_is_as_deep_as_its_if():
    ladder = "def act(x):\n    if x == 0:\n        a()\n" + "".join(
        f"    elif x == {number}:\n        a()\n" for number in range(1, 9)
    )
    assert found_in("sizes", "tickets/actions.py", ladder) == []


def test_tests_and_migrations_may_do_what_features_may_not():
    text = "from sqlalchemy import DateTime, select\nselect(DateTime)\nx.commit()\ndatetime.now()\n"
    for path in ("tickets/tests/test_x.py", "migrations/versions/0001_first.py"):
        for rule in ("transactions", "clocks", "selects", "datetimes"):
            assert found_in(rule, path, text) == []


def test_a_long_template_and_a_large_feature_are_found():
    assert list(check_template("src/parley/web/templates/page.html", "<p>\n" * 201))
    large = [Module(f"src/parley/conversations/tickets/part{n}.py", "pass\n" * 450) for n in range(9)]
    assert [finding.path for finding in check_features(large)] == [
        "src/parley/conversations/tickets/__init__.py"
    ]


def test_two_public_classes_of_one_name_are_found():
    one = Module("src/parley/web/a.py", "class Row: ...\nclass _Own: ...")
    two = Module("src/parley/inbox/b.py", "class Row: ...\nclass _Own: ...")
    assert [(finding.path, finding.subject) for finding in class_names.check_all([one, two])] == [
        ("src/parley/inbox/b.py", "Row")
    ]
    assert not list(class_names.check_all([one, Module("src/parley/inbox/tests/test_b.py", two.text)]))


ROW = "| **ticket** | One conversation. | `conversations/tickets` | `tickets/` |\n"


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (ROW, ""),
        ("", "The noun of `conversations/tickets/` is missing."),
        (ROW + "| **role** | A group. | `accounts/roles` | |\n", "`accounts/roles` is not there."),
        (
            "".join(ROW.replace("**", f"**{n}", 1) for n in range(61)),
            "The glossary has 61 nouns; 60 is the most.",
        ),
        (ROW * 2, "`ticket` is explained twice."),
    ],
)
def test_the_glossary_knows_every_feature_and_stays_short(tmp_path, page, fault):
    root = repository(tmp_path)
    (root / "docs" / "glossary.md").write_text(page)
    feature = Module("src/parley/conversations/tickets/actions.py", "")
    assert [finding.text for finding in glossary.check_all(root, [feature])] == ([fault] if fault else [])


def repository(folder: Path) -> Path:
    feature = folder / "src" / "parley" / "conversations" / "tickets"
    feature.mkdir(parents=True)
    (feature / "actions.py").write_text("db.commit()\n")
    (folder / "docs").mkdir()
    (folder / "docs" / "glossary.md").write_text(ROW)
    return folder


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ("const say = 1;", "  const say = 2;", None),
        ("const say = 1;", "async function say() {}", "say"),
        ("let a, b;", "class b {}", "b"),
        ("let a;", "let b;\nconst b = 1;", "b"),
        ("const { open, shut: closed } = door();", "function closed() {}", "closed"),
        ("const { open, shut: closed } = door();", "function shut() {}", None),
        ("function say() {}", 'import { x } from "y";\nfunction say() {}', None),
    ],
)
def test_two_scripts_of_pages_with_the_same_name_in_their_scope_are_both_named(first, second, name):
    found = [*page_scripts.check_scripts({"first.js": first, "second.js": second})]
    assert len(found) == (name is not None)
    for one in found:
        assert one.path.endswith("/second.js") and f"`{name}`" in one.text
        assert one.text.partition(" in ")[2].startswith("first.js" if name in first else "second.js")


def test_scripts_of_a_frame_have_a_scope_of_their_own():
    assert not [*page_scripts.check_scripts({"menus.js": "let a;", "recording-stage.js": "let a;"})]


def test_what_is_allowed_with_a_reason_is_left_out(tmp_path):
    assert [finding.rule for finding in findings(repository(tmp_path), "")] == ["transactions"]
    entry = "transactions src/parley/conversations/tickets/actions.py | It is a sample."
    assert findings(tmp_path, entry) == []


@pytest.mark.parametrize(
    "entry", ["names src/parley/x.py | Gone.", "transactions src/parley/conversations/tickets/actions.py |"]
)
def test_an_allowance_needs_a_reason_and_a_use(tmp_path, entry):
    assert "allowed" in {finding.rule for finding in findings(repository(tmp_path), entry)}


def test_an_allowance_for_a_function_covers_that_function_only():
    allowances = read_allowances("sizes src/parley/conversations/tickets/actions.py:long | It is a table.")
    text = "def long():\n" + "    a()\n" * 60 + "def other():\n" + "    a()\n" * 60
    first, second = found_in("sizes", "conversations/tickets/actions.py", text)
    assert allowance_for(first, allowances)
    assert not allowance_for(second, allowances)
