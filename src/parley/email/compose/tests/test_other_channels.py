"""There is one way in which conversations begin by text message."""

import pytest

from parley.email.compose.other_channels import TextChannel, offer_texts, text_channel


def test_a_second_way_stops_the_start_and_the_same_one_again_changes_nothing():
    import parley.main  # noqa: F401 - the feature of text messages registers itself

    first = text_channel()
    with pytest.raises(RuntimeError, match="begin by sms already"):
        offer_texts("pigeon", TextChannel(first.senders, first.number, first.open))
    assert text_channel() is first
    offer_texts("sms", first)
    assert text_channel() is first
