"""Ids and tokens in the forms in which others give them, and in which they are made."""

from uuid import UUID

import pytest

from parley.kernel.ids import ALPHABET, new_token, uuid_or_none

WRITTEN = "01a227df-83d8-75a5-9e64-a18b73195162"


@pytest.mark.parametrize("text", [WRITTEN, WRITTEN.upper()])
def test_a_uuid_is_read_in_any_case_of_letters(text):
    assert uuid_or_none(text) == UUID(WRITTEN)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", f"{{{WRITTEN}}}", f"urn:uuid:{WRITTEN}", WRITTEN.replace("-", ""), f"-{WRITTEN[:-1]}", f"{WRITTEN}\n",
        WRITTEN.replace("0", "\u0660"), WRITTEN.replace("-", "\u2010"),
    ],
)  # fmt: skip
def test_what_only_python_takes_for_a_uuid_is_none(text):
    assert uuid_or_none(text) is None


def test_tokens_have_their_length_and_all_letters():
    made = [new_token("phx_", 43) for _ in range(200)]
    assert {len(one) for one in made} == {47} and len({*made}) == 200
    assert {*"".join(one[4:] for one in made)} == {*ALPHABET}
