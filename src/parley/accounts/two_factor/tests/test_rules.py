"""Codes of authenticators and recovery codes."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.accounts.two_factor.rules import (
    RECOVERY_ALPHABET,
    STEP_S,
    is_totp_shaped,
    matching_step,
    new_recovery_codes,
    plain_code,
    qr_code,
    setup_uri,
)

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238, appendix B
AT = datetime.fromtimestamp(1_111_111_111, UTC)
STEP, CODE = 1_111_111_111 // STEP_S, "050471"


@pytest.mark.parametrize(
    ("late_s", "last_step", "found"),
    [
        (0, None, STEP),
        (STEP_S, None, STEP),
        (-STEP_S, None, STEP),
        (2 * STEP_S, None, None),
        (-2 * STEP_S, None, None),
        (0, STEP - 1, STEP),
        (0, STEP, None),
        (0, STEP + 1, None),
    ],
)
def test_a_code_holds_for_its_step_and_those_beside_it_and_counts_once(late_s, last_step, found):
    assert matching_step(SECRET, CODE, AT + timedelta(seconds=late_s), last_step) == found


@pytest.mark.parametrize(
    "code", ["", "05047", "0504711", "05047a", "\u0660\u0665\u0660\u0664\u0667\u0661", "-50471"]
)
def test_what_is_no_code_is_none(code):
    assert not is_totp_shaped(code)
    assert matching_step(SECRET, code, AT, None) is None


def test_people_may_type_spaces_hyphens_and_capitals():
    assert plain_code(" 050 471 ") == CODE
    assert plain_code("ABCD-efgh 2345") == "abcdefgh2345"


def test_recovery_codes_are_ten_and_random():
    codes = {code for _ in range(20) for code in new_recovery_codes()}
    assert len(codes) == 200
    assert all(len(plain_code(one)) == 16 and set(plain_code(one)) <= set(RECOVERY_ALPHABET) for one in codes)


def test_the_qr_code_is_drawn_here_and_says_whose_account_it_is():
    uri = setup_uri(SECRET, 'a"<b>@example.com')
    assert uri.startswith("otpauth://totp/Parley:a%22%3Cb%3E%40example.com?secret=GEZD")
    svg = qr_code(uri)
    assert (
        svg.startswith("<svg") and "style=" not in svg and "http" not in svg.replace("http://www.w3.org", "")
    )
