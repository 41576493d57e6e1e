"""Where the words of a search are marked in a text."""

from hypothesis import given
from hypothesis import strategies as st

from parley.kernel.text.excerpts import MarkedText, excerpt, marked
from parley.kernel.text.forms import folded
from parley.kernel.text.search_terms import parts_of


def shown(pieces: list[MarkedText]) -> str:
    return "".join(f"[{one.text}]" if one.is_marked else one.text for one in pieces)


def test_words_are_marked_in_any_order_and_case():
    assert (
        shown(marked("The Fern and a second FERN", parts_of("second fern"), 100))
        == "The [Fern] and a [second] [FERN]"
    )
    assert shown(marked("Straße nach İzmir", parts_of("STRASSE izmir"), 100)) == "[Straße] nach [İzmir]"
    assert shown(marked("cafe\u0301  au\nlait", parts_of('"café au"'), 100)) == "[café au] lait"
    assert shown(marked("a.b (c)", parts_of("(c)"), 100)) == "a.b [(c)]"
    assert shown(marked("nothing", parts_of("fern"), 100)) == "nothing"


def test_an_excerpt_is_around_the_first_word():
    text = "word " * 50 + "here is the fern " + "end " * 50
    assert shown(excerpt(text, ("fern",), 50)) == "…word word word here is the [fern] end end end end en…"
    assert shown(excerpt("the fern", ("fern",), 50)) == "the [fern]"
    assert shown(excerpt(text, ("moss",), 12)) == "word word wo…"
    assert shown(excerpt("x" * 60, ("x",), 50)).startswith("[x]")
    short = "Hello Ada, of course. I have changed the name; the invoice is right now."
    assert shown(excerpt(short, ("invoice",), 160)) == "…I have changed the name; the [invoice] is right now."


TEXTS = st.text(st.sampled_from("aAbBßİé\u0301 \n.("), max_size=60)


@given(TEXTS, TEXTS, st.integers(1, 40))
def test_no_letter_is_lost_or_made_up(text, search, most):
    plain = shown(marked(text, (), 1000))
    for pieces in (marked(text, parts_of(search), 1000), excerpt(text, parts_of(search), 1000)):
        assert "".join(one.text for one in pieces) == plain
    cut = "".join(one.text for one in excerpt(text, parts_of(search), most)).strip("…")
    assert cut in plain and len(cut) <= most


@given(st.characters(codec="utf-8"))
def test_every_letter_is_found_as_searches_fold_it(letter):
    plain, part = shown(marked(letter, (), 10)), folded(letter)
    assert shown(marked(letter, (part,), 10)) == (f"[{plain}]" if part else plain)
