"""Formulas: what they give, and that nothing but arithmetic is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.analytics.query_schema.formulas import check_formula, evaluate, evaluate_each
from parley.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("A", 6),
        (" a / b * 100 ", 150),
        ("A - B - 1", 1),
        ("-(A + B) / 2", -5),
        ("A / (B - 4)", 0),
        ("A + B / 0", 6),
        ("1e308 * 10 * A", 0),
        ("0.5", 0.5),
        ("+A * .5", 3),
    ],
)
def test_a_formula_gives(text, result):
    check_formula(text, 2, "formula")
    assert evaluate(text, [6, 4]) == result


def test_a_formula_gives_one_number_for_each_interval():
    assert evaluate_each("A / B", [[1, 2, 3], [2, 0, 1]]) == [0.5, 0, 3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Give a formula"),
        ("A B", "Give a formula"),
        ("A ** 99", "Give a formula"),
        ("A // B", "Give a formula"),
        ("A(B)", "Give a formula"),
        ("A.B", "Give a formula"),
        ("__import__", "Give a formula"),
        ("A if B else 1", "Give a formula"),
        ("'A'", "Give a formula"),
        ("A\nB", "Give a formula"),
        ("A, B", "Give a formula"),
        ("()", "Give a formula"),
        ("9" * 5000, "Give a formula"),
        ("C", "no series C. Possible are A, B"),
        ("AA", "no series AA"),
        ("-" * 190 + "A", "nested"),
        ("(" * 199 + "A", "Give a formula"),
    ],
)
def test_what_is_no_formula_is_refused(text, said):
    with pytest.raises(Invalid) as refused:
        check_formula(text, 2, "here")
    assert refused.value.attr == "here"
    assert said in refused.value.detail


@given(st.text("ABCabc0159.eE+-*/() ", max_size=40))
def test_a_formula_is_refused_or_gives_a_number(text):
    try:
        check_formula(text, 3, "formula")
    except Invalid:
        return
    assert isinstance(evaluate(text, [0, 2.5, -7]), float)
