"""The page of conversions, without script."""

import pytest

from tests.plain_browser import window_of

PATH = "/settings/integrations/linkedin-conversions"


async def test_an_admin_adds_switches_and_deletes_a_rule(conversions, world):
    window = await (await window_of(world.cast, conversions.alice)).open("/settings/integrations")
    assert window.page.one("a", href=PATH).text.startswith("Conversions")
    await window.open(PATH)
    fields = {"trigger": "ticket_tagged", "ad_account_id": "501", "conversion_rule_id": "104012"}
    await window.press("Add", **fields)
    assert window.status == 422 and "Name the status, the tag or the event" in window.page.text
    await window.press("Add", **fields, trigger_value="qualified", amount="5", currency="EUR")
    assert "When a ticket gets this tag: qualified" in window.page.text
    assert "worth 5 EUR" in window.page.text
    await window.press("Switch off")
    assert "Switch on" in window.page.text and "Switch off" not in window.page.text
    await window.press("Delete this rule")
    assert "The rule is deleted." in window.page.text and "Nothing is sent yet." in window.page.text


async def test_the_page_says_what_came_of_conversions(conversions, world):
    await conversions.add()
    await conversions.open_ticket(None)
    conversions.status = 422
    await conversions.open_ticket()
    await conversions.run()
    window = await (await window_of(world.cast, world.cast.bob)).open(PATH)
    assert "has no e-mail address" in window.page.text and "Conversion rule is not active" in window.page.text
    assert not window.page.all(id="trigger")
    assert (await window.client.post(PATH, data={"csrf_token": "x"})).status_code == 403
    theirs = await (await window_of(world.cast, world.cast.mallory)).open(PATH)
    assert "Nothing is sent yet." in theirs.page.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ad_account_id", "accounts/501", "the advertising account: digits only"),
        ("conversion_rule_id", "rule 7", "the conversion rule: digits only"),
        ("amount", "49,90", "such as 49.90."),
        ("currency", "eur", "three capital letters"),
        ("currency", "", "Give both the amount and its currency"),
    ],
)
async def test_a_wrong_field_says_what_to_enter(conversions, world, field, value, sentence):
    window = await (await window_of(world.cast, conversions.alice)).open(PATH)
    fields = {"ad_account_id": "501", "conversion_rule_id": "7", "amount": "5", "currency": "EUR"}
    await window.press("Add", **{**fields, field: value})
    assert window.status == 422
    assert sentence in window.page.text and "Not a valid string" not in window.page.text
