"""The examples of the documents work."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.examples import at_home, programs, run
from tests.parley_server import ParleyServer, Project, migrated_postgres_url
from tools.docs import DOCS

PROGRAMS = {
    f"{page.name}-{language}": (language, program)
    for page in sorted(DOCS.glob("*.md"))
    for language, program in programs(page.read_text()).items()
}
_numbers = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ParleyServer]:
    """The program as people run it, on each database."""
    settings = {"PARLEY_DATABASE_URL": migrated_postgres_url()} if request.param == "postgresql" else {}
    made = ParleyServer(tmp_path_factory.mktemp("server"), settings)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def shop(server: ParleyServer) -> Project:
    """A project of its own."""
    return server.bootstrap(f"owner-{next(_numbers)}@example.com")


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_examples_of_a_page_work(server, shop, tmp_path, name):
    language, program = PROGRAMS[name]
    run(language, at_home(program, server.url, shop), tmp_path)


def test_there_are_examples_in_both_languages():
    assert {language for language, _ in PROGRAMS.values()} == {"python", "sh"}


PAGE = """
```python
raise SystemExit("not marked")
```

<!-- runs
shown = []
-->
```python
shown.append("phx_...")
```

<!-- runs -->
```python
shown.append("https://support.example.com/phs_x and phc_YOUR_TOKEN")
print(shown)
```

<!-- runs -->
```sh
curl https://support.example.com/api/users/@me/
```
"""


def test_marked_blocks_run_one_after_the_other_with_real_tokens(tmp_path):
    project = Project("", 1, 1, "", "phx_key", "phc_token", "phs_secret", "")
    said = run("python", at_home(programs(PAGE)["python"], "http://here", project), tmp_path)
    assert said == "['phx_key', 'http://here/phs_secret and phc_token']\n"


def test_a_refused_request_of_curl_is_a_failure(server, shop, tmp_path):
    with pytest.raises(AssertionError, match="not_authenticated"):
        run("sh", at_home(programs(PAGE)["sh"], server.url, shop), tmp_path)


def test_a_python_example_that_fails_is_a_failure(tmp_path):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run("python", "1 / 0", tmp_path)
