"""Halves of letters in JSON text."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.kernel.text import surrogates
from parley.kernel.text.surrogates import without_halves

LONE = re.compile(
    rb"(?<!\\)(?P<before>(?:\\\\)*)\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F][0-9a-fA-F]{2})"
)
"""All in one pattern, which is slow."""

TOKENS = [rb"\ud83d", rb"\uDE00", rb"\u0041", rb"\\", rb"\n", b"a", b"0123456789abcdef", b"u", b"x", b" "]


@given(st.lists(st.sampled_from(TOKENS), max_size=40), st.integers(1, 30))
def test_a_text_in_pieces_is_mended_as_a_whole_one(tokens: list[bytes], size: int) -> None:
    text = b"".join(tokens)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surrogates, "PIECE", size)
        assert without_halves(text) == LONE.sub(rb"\g<before>\\ufffd", text)


@pytest.mark.parametrize(
    "token", [rb"\\", b"a", rb"\u0041", rb"\ud83d", rb"\ude00", rb"\ud83d\ude00", rb"\\\u0041", b"0u"]
)
def test_no_text_keeps_others_waiting_for_its_end(token: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surrogates, "PIECE", 1000)
    text = b'"' + token * 2000 + b'"'
    pieces = list(surrogates._pieces(text))
    assert b"".join(pieces) == text
    assert max(map(len, pieces)) < 1100


def test_halves_are_replaced_and_pairs_stay() -> None:
    text = rb'"\ud83d\ude00 \ud83d \ude00 \\ud83d"'
    assert json.loads(without_halves(text)) == "\N{GRINNING FACE} \ufffd \ufffd \\ud83d"
