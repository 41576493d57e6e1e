"""How messages of Okta, Entra and others are read; and that nothing that anybody sends is a fault of the server."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from parley.accounts.scim_messages.errors import InvalidOperation, ScimError
from parley.accounts.scim_messages.rules.filters import (
    GROUP_FILTERS,
    USER_FILTERS,
    filter_of,
    holds,
    narrowed,
)
from parley.accounts.scim_messages.rules.groups import MemberChange, group_changes, group_of, net_change
from parley.accounts.scim_messages.rules.resources import list_request, selection_of
from parley.accounts.scim_messages.rules.users import (
    ScimPerson,
    patched_person,
    person_of,
    person_operations,
)

ADA = ScimPerson(user_name="ada", external_id="1", given_name="Ada", family_name="L", email="ada@a.test")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCHES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "okta switches off": ([{"op": "replace", "value": {"active": False}}], {"active": False}),
    "entra switches off": ([{"op": "Replace", "path": "active", "value": "False"}], {"active": False}),
    "add switches on": ([{"op": "ADD", "path": "active", "value": True}], {"active": True}),
    "a dotted path": ([{"op": "Add", "path": "name.givenName", "value": "Eve"}], {"given_name": "Eve"}),
    "dots in the value": ([{"op": "Add", "value": {"name.familyName": "M"}}], {"family_name": "M"}),
    "a schema in front": (
        [{"op": "replace", "path": f"{CORE}:name.givenName", "value": "Eve"}], {"given_name": "Eve"},
    ),
    "a whole name": ([{"op": "replace", "path": "name", "value": {"givenName": "Eve"}}], {"given_name": "Eve"}),
    "work address": (
        [{"op": "Replace", "path": 'emails[type eq "work"].value', "value": "E@A.test"}], {"email": "e@a.test"},
    ),
    "primary address": (
        [{"op": "replace", "path": "emails[primary eq true].value", "value": "e@a.test"}], {"email": "e@a.test"},
    ),
    "the address at home is another one": (
        [{"op": "Add", "path": 'emails[type eq "home"].value', "value": "e@b.test"}], {},
    ),
    "several addresses": (
        [{"op": "replace", "path": "emails", "value": [{"value": "x@a.test"}, {"value": "y@a.test", "primary": "True"}]}],
        {"email": "y@a.test"},
    ),
    "a name is taken away": ([{"op": "remove", "path": "name.givenName"}], {"given_name": ""}),
    "externalId is taken away": ([{"op": "remove", "path": "externalId"}], {"external_id": None}),
    "others are ignored": (
        [
            {"op": "add", "path": f"{ENTERPRISE}:department", "value": "R&D"},
            {"op": "add", "path": 'addresses[type eq "work"].country', "value": "DE"},
            {"op": "replace", "value": {"nickName": "A", "schemas": [], "id": "9", "password": "x"}},
        ],
        {},
    ),
    "one after the other": (
        [{"op": "replace", "path": "userName", "value": "x"}, {"op": "replace", "path": "userName", "value": "y"}],
        {"user_name": "y"},
    ),
}  # fmt: skip
REFUSED = {
    "addresses can't go": [{"op": "remove", "path": "emails"}],
    "nor one of them": [{"op": "remove", "path": 'emails[type eq "work"]'}],
    "nor a userName": [{"op": "remove", "path": "userName"}],
    "no known op": [{"op": "move", "path": "active", "value": True}],
    "no op": [{"path": "active", "value": True}],
    "nothing named": [{"op": "remove"}],
    "no path": [{"op": "replace", "path": "((", "value": 1}],
    "a comparison as path": [{"op": "replace", "path": 'userName eq "x"', "value": 1}],
    "no boolean": [{"op": "replace", "path": "active", "value": "perhaps"}],
    "no address": [{"op": "replace", "path": "emails", "value": [{"value": "x"}]}],
    "the second is bad": [
        {"op": "replace", "path": "active", "value": False},
        {"op": "remove", "path": "emails"},
    ],
    "no operations": [],
    "too many": [{"op": "replace", "path": "active", "value": True}] * 1001,
}


@pytest.mark.parametrize("name", PATCHES)
def test_a_patch_changes_what_it_names(name):
    operations, changes = PATCHES[name]
    expected = {field: getattr(ADA, field) for field in ADA.__struct_fields__} | changes
    assert patched_person(ADA, person_operations({"schemas": [], "Operations": operations})) == ScimPerson(
        **expected
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_patch_that_cannot_be_done_is_refused_as_a_whole(name):
    with pytest.raises(InvalidOperation, match="Failed to update user"):
        patched_person(ADA, person_operations({"Operations": REFUSED[name]}))


def test_a_user_name_that_is_an_address_stands_for_a_missing_one():
    assert person_of({"USERNAME": "Ada@A.test"}).email == "ada@a.test"
    assert (
        person_of({"emails": [{"value": "b@a.test"}, {"value": "a@a.test", "primary": True}]}).email
        == "a@a.test"
    )
    with pytest.raises(ScimError, match="Invalid user data"):
        person_of({"userName": "ada"})
    whole = person_of({"userName": "ada@a.test"}, ADA)
    assert (whole.given_name, whole.external_id, whole.active) == ("", None, True)


ADDED, EVERYBODY = (
    MemberChange(is_removal=False, user_ids=frozenset({1, 2})),
    MemberChange(is_removal=True, user_ids=None),
)
GROUP_PATCHES = {
    "a list": ({"op": "add", "path": "members", "value": [{"value": "1"}, {"value": 2}, {"value": "x"}]}, [ADDED]),
    "texts": ({"op": "Add", "path": "members", "value": ["1", "2"]}, [ADDED]),
    "exactly these": ({"op": "replace", "path": "members", "value": ["1", "2"]}, [EVERYBODY, ADDED]),
    "without path": ({"op": "replace", "value": {"members": [{"value": "1"}, {"value": "2"}]}}, [EVERYBODY, ADDED]),
    "selected": (
        {"op": "remove", "path": 'members[value eq "1" or value eq "2"]'}, [MemberChange(True, frozenset({1, 2}))],
    ),
    "entra's list": (
        {"op": "Remove", "path": "members", "value": [{"value": "1"}]}, [MemberChange(True, frozenset({1}))],
    ),
    "nobody that is known": (
        {"op": "remove", "path": "members", "value": [{"value": "x"}]}, [MemberChange(True, frozenset())],
    ),
    "everybody": ({"op": "remove", "path": "members"}, [EVERYBODY]),
    "one object": (
        {"op": "add", "path": "members", "value": {"value": "1"}}, [MemberChange(False, frozenset({1}))],
    ),
    "a path that selects": ({"op": "add", "path": 'members[value eq "1"]'}, [MemberChange(False, frozenset({1}))]),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUP_PATCHES)
def test_members_change_as_the_dialects_say(name):
    operation, expected = GROUP_PATCHES[name]
    assert list(group_changes({"Operations": [operation]}).members) == expected


STEPS = st.builds(MemberChange, st.booleans(), st.frozensets(st.integers(1, 6), max_size=4)) | st.just(
    EVERYBODY
)


@settings(max_examples=150)
@given(st.frozensets(st.integers(1, 6)), st.lists(STEPS, max_size=6))
def test_steps_come_to_the_same_as_one_after_the_other(before, steps):
    expected = before
    for step in steps:
        if step.is_removal:
            expected = frozenset() if step.user_ids is None else expected - step.user_ids
        else:
            expected = expected | step.user_ids
    net = net_change(steps)
    kept = frozenset() if net.removed is None else before - net.removed
    assert kept | net.added == expected
    assert net.removed is None or not net.removed & net.added


def test_groups_need_a_name_and_keep_members_that_are_not_named():
    assert group_of({"displayName": " Staff "}, is_whole=False).members == ()
    assert group_of({"displayName": "Staff"}, is_whole=True).members == (
        EVERYBODY,
        MemberChange(False, frozenset()),
    )
    assert group_of({"displayName": "Staff"}, is_whole=False).external_id is UNSET
    for body in ({}, {"displayName": ""}, {"displayName": None}):
        with pytest.raises(ScimError, match="Invalid group data"):
            group_of(body, is_whole=False)
    for operation in (
        {"op": "remove", "path": "displayName"},
        {"op": "replace", "path": 'members[value eq "1"]', "value": []},
        {"op": "remove", "path": 'members[display eq "x"]'},
    ):
        with pytest.raises(InvalidOperation, match="Failed to update group"):
            group_changes({"Operations": [operation]})


def test_what_a_filter_must_equal_is_seen_only_where_it_must():
    for text, expected in {
        'userName eq "a"': "a",
        'userName eq "a" and active eq true': "a",
        'userName eq "a" or active eq true': None,
        'not (userName eq "a")': None,
        'userName sw "a"': None,
    }.items():
        found = filter_of(text, USER_FILTERS)
        assert found is not None and narrowed(found, "username") == expected, text


def test_names_of_groups_are_compared_letter_by_letter():
    values = {"id": "1", "displayname": "Staff", "externalid": None}
    for text, expected in {
        'displayName eq "Staff"': True,
        'displayName eq "staff"': False,
        'displayName sw "St" and not (externalId pr)': True,
        'displayName co "x" or displayName ew "ff"': True,
    }.items():
        found = filter_of(text, GROUP_FILTERS)
        assert found is not None and holds(found, values) is expected, text


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1900,
        "not (" * 300 + "a pr" + ")" * 300,
        'a eq "' + "x" * 3000 + '"',
        "\x00",
        'userName eq "\\u0000',
    ],
)
def test_deep_long_and_broken_filters_find_nobody(text):
    assert filter_of(text, USER_FILTERS) is None


def test_pages_and_attributes_are_read_whatever_is_sent():
    for start, count, expected in (
        (None, None, (1, 100)), ("0", "-5", (1, 0)), ("7", "9999", (7, 200)), ("x", "9" * 50, (1, 100)),
        ("-3", "", (1, 100)),
    ):  # fmt: skip
        found = list_request(start, count, most=200, default=100)
        assert (found.start, found.count) == expected
    resource = {"schemas": [], "id": "1", "userName": "a", "name": {"givenName": "b", "familyName": "c"}}
    assert selection_of("name.givenName", None).of(resource) == {
        "schemas": [], "id": "1", "name": {"givenName": "b"},
    }  # fmt: skip
    assert selection_of(None, f"{CORE}:NAME,id").of(resource) == {"schemas": [], "id": "1", "userName": "a"}


NAMES = st.sampled_from(
    [
        "userName",
        "emails",
        "name",
        "active",
        "members",
        "displayName",
        "Operations",
        "op",
        "path",
        "value",
        "primary",
        "type",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "add",
            "remove",
            "replace",
            "emails",
            'emails[type eq "work"].value',
            "members",
            'members[value eq "1"]',
            "a@a.test",
        ]
    )
)
VALUES = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(NAMES, one, max_size=4), max_leaves=12
)
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove"])}, optional={"path": LEAVES, "value": VALUES}
)


@settings(max_examples=150)
@given(VALUES | st.fixed_dictionaries({"Operations": st.lists(OPERATIONS, min_size=1, max_size=3)}))
def test_any_json_is_read_or_refused(body):
    for read in (
        person_of,
        lambda body: patched_person(ADA, person_operations(body)),
        lambda body: group_of(body, is_whole=True),
        group_changes,
    ):
        try:
            read(body)
        except ScimError as error:
            assert error.status == 400


PARTS = st.sampled_from(
    ["userName", " eq ", " pr", '"a"', "(", ")", " and ", " or ", "not ", "[", "]", ".", "true", "\\"]
)


@settings(max_examples=150)
@given(st.lists(PARTS, max_size=12).map("".join) | st.text(max_size=40))
def test_any_text_is_a_filter_or_none(text):
    filter_of(text, USER_FILTERS)
