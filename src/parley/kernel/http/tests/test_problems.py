"""What is wrong with a value: found by walking it, since msgspec's own words may change with its next release."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta, Struct

from parley.kernel.http.problems import problem


class Mine(Struct, tag_field="type", tag="user"):
    id: Annotated[int, Meta(ge=1, le=9)]


class Ours(Struct, tag_field="type", tag="role"):
    id: UUID


class Part(Struct, rename="camel"):
    part_name: str
    sizes: Annotated[list[int], Meta(min_length=1, max_length=2)] | None = None


Name = Annotated[str, Meta(min_length=1, max_length=5)]
Choice = Literal["me", "you"] | Mine | Ours


@pytest.mark.parametrize(
    ("kind", "value", "code", "attr", "detail"),
    [
        (Name, None, "null", "f", "This field may not be null."),
        (Name, "", "blank", "f", "This field may not be blank."),
        (Name | None, "longer", "max_length", "f", "Ensure this field has no more than 5 characters."),
        (Annotated[str, Meta(min_length=2)], "a", "min_length", "f", "Ensure this field has at least 2 characters."),
        (Annotated[str, Meta(pattern="^a+$")], "b", "invalid_input", "f", "Not a valid string."),
        (str | None, ["a"], "invalid_input", "f", "Not a valid string."),
        (bool, "maybe", "invalid_input", "f", "Must be a valid boolean."),
        (int | None, 1.5, "invalid_input", "f", "A valid integer is required."),
        (float, "many", "invalid_input", "f", "A valid number is required."),
        (UUID | None, "x", "invalid_input", "f", "Must be a valid UUID."),
        (dict[str, Any] | None, [1], "invalid_input", "f", "Expected a dictionary of items."),
        (list[str], {"a": 1}, "invalid_input", "f", "Expected a list of items."),
        (Annotated[int, Meta(ge=1)], "0", "min_value", "f", "Ensure this value is greater than or equal to 1."),
        (Annotated[int, Meta(gt=1)], 1, "min_value", "f", "Ensure this value is greater than or equal to 2."),
        (Annotated[int, Meta(lt=9)], 9, "max_value", "f", "Ensure this value is less than or equal to 8."),
        (Annotated[int, Meta(le=9)], 2**70, "max_value", "f", "Ensure this value is less than or equal to 9."),
        (Literal["a", "b"] | None, "c", "invalid_choice", "f", '"c" is not a valid choice.'),
        (Literal[1, -1], 5, "invalid_choice", "f", '"5" is not a valid choice.'),
        (Literal[1, -1], "5", "invalid_choice", "f", '"5" is not a valid choice.'),
        (Literal[1, -1], 1.0, "invalid_input", "f", "A valid integer is required."),
        (Literal[1, -1], True, "invalid_input", "f", "A valid integer is required."),
        (Literal["a"] | None, 5, "invalid_input", "f", "Not a valid string."),
        (tuple[Literal["a"], ...], ["a", "it's"], "invalid_choice", "f__1", '""it\'s"" is not a valid choice.'),
        (Annotated[dict[str, Any], Meta(max_length=1)], {"a": 1, "b": 2}, "max_length", "f",
         "Ensure this field has no more than 1 elements."),
        (dict[str, int], {"a": 1, "b": "x"}, "invalid_input", "f", "A valid integer is required."),
        (Part, {}, "required", "f__partName", "This field is required."),
        (Part, {"sizes": []}, "min_length", "f__sizes", "Ensure this field has at least 1 elements."),
        (Part, {"sizes": [1, "x"], "partName": 5}, "invalid_input", "f__sizes__1", "A valid integer is required."),
        (Part, "x", "invalid_input", "f", "Expected a dictionary of items."),
        (Choice, "they", "invalid_choice", "f", '"they" is not a valid choice.'),
        (Choice, 5, "invalid_input", "f", "Not a valid string."),
        (Choice, {}, "required", "f__type", "This field is required."),
        (Choice, {"type": 5}, "invalid_input", "f__type", "Not a valid string."),
        (Choice, {"type": "team"}, "invalid_input", "f__type", "This value is not valid."),
        (Choice, {"type": "user", "id": 10}, "max_value", "f__id", "Ensure this value is less than or equal to 9."),
        (Choice, {"type": "role"}, "required", "f__id", "This field is required."),
    ],
)  # fmt: skip
def test_the_first_part_that_msgspec_refuses_is_named(kind, value, code, attr, detail):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(value, kind, strict=False)
    found = problem(kind, value, "f")
    assert (found.code, found.attr, found.body()["detail"]) == (code, attr, detail)


@pytest.mark.parametrize(
    ("sent", "of_a_field", "of_a_part"),
    [
        ("b", '"b"', '"b"'),
        ("it's", '"it\'s"', '""it\'s""'),
        ('say "x"', '"say "x""', '"say "x""'),
        ("`b`", '"`b`"', '"b"'),
        ("a\\b", '"a\\b"', '"a\\\\b"'),
        ("\n", '"\n"', '"\\n"'),
        ("é", '"é"', '"é"'),
        ("x" * 150, '"' + "x" * 100 + '"', '"' + "x" * 100 + '"'),
        ("'" + "x" * 150, '"\'' + "x" * 99 + '"', '""\'' + "x" * 98 + '"'),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_shown_as_sent_and_inside_a_field_as_python_writes_it(sent, of_a_field, of_a_part):
    assert problem(Literal["a"], sent, "f").body()["detail"] == f"{of_a_field} is not a valid choice."
    for kind, value in ((list[Literal["a"]], [sent]), (dict[str, Literal["a"]], {"k": sent})):
        assert problem(kind, value, "f").body()["detail"] == f"{of_a_part} is not a valid choice."


def test_text_is_no_number_where_types_are_strict():
    assert problem(list[int], [1, "2"], "f", strict=True).attr == "f__1"


def test_the_only_wrong_one_of_many_items_is_found():
    values: list[Any] = [str(number) for number in range(1000)]
    for place in (0, 1, 499, 998, 999):
        assert problem(list[int], [*values[:place], "x", *values[place:]], "f").attr == f"f__{place}"
