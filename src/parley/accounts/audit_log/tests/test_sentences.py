"""What entries say in words."""

import pytest

from parley.accounts.audit_log.schemas import AuditTarget, AuditUser
from parley.accounts.audit_log.sentences import differences, sentence

LEA = AuditUser(1, "Lea Berger", "lea@example.com")


@pytest.mark.parametrize(
    ("action", "target", "before", "after", "said"),
    [
        ("member.level_changed", "Jonas", {"level": "member"}, {"level": "admin"},
         "Lea Berger changed the level of Jonas from member to admin"),
        ("member.joined", "Jonas", None, {"level": "member"}, "Jonas joined the organization as member"),
        ("sign_in.succeeded", "Lea", None, {"method": "password"}, "Lea Berger signed in with a password"),
        ("domain.changed", "example.com", {"sso_enforcement": ""}, {"sso_enforcement": "saml"},
         "Lea Berger changed the domain example.com: only way to sign in from nothing to SAML"),
        ("scim_provisioned", "Billing", None, {"members": [{"change": "added", "users": [7, 8]}]},
         "The identity provider added Billing: members \u201cadded 7 + 8\u201d"),
        ("domain.verified", "example.com", None, None, "Lea Berger verified the domain example.com"),
        ("scim.token_rotated", "example.com", None, None, "Lea Berger - SCIM token rotated (example.com)"),
        ("role.made", "{after.name}", None, {"name": "x"}, "Lea Berger made the role {after.name}: name x"),
        ("project.changed", "Acme", {"a_b": False, "c": None, "d": "x y", "e": [1, 2], "f": 1},
         {"a_b": True, "c": "z", "d": "", "e": [], "f": 2},
         "Lea Berger changed the project Acme: a b from off to on; c from nothing to z; d from \u201cx y\u201d to nothing; "
         "e from \u201c1 + 2\u201d to nothing; and 1 more"),
    ],
)  # fmt: skip
def test_an_entry_is_one_sentence(action, target, before, after, said):
    shown = AuditTarget("thing", "1", target)
    assert sentence(action, LEA, shown, before=before, after=after, address="192.0.2.1") == said


def test_who_is_unknown_is_somebody_or_the_server_itself():
    target = AuditTarget("user", "1", "Lea")
    said = [
        sentence("sign_in.failed", None, target, before=None, after=None, address=one) for one in ("::1", "")
    ]
    assert said == [
        "Somebody could not sign in to the account of Lea",
        "Parley could not sign in to the account of Lea",
    ]


def test_without_a_user_only_an_identity_provider_changes_members():
    target = AuditTarget("user", "1", "Lea")
    said = sentence("member.removed", None, target, before=None, after=None, address="::1")
    assert said == "The identity provider removed Lea from the organization"


def test_a_page_adds_what_a_sentence_has_no_room_for():
    assert differences({"name": "a"}, {"name": "b"}) == []
    assert differences(None, {"greeting_text": "x" * 80}) == [("greeting text", "", "x" * 80)]
