"""Mails as files: what people copy out of them."""

import pytest

from parley.kernel.network.mail import Mail, Mailer

LINK = "https://support.example.com/reset/0197c6a0-1b2c-7d3e-8f40-5a6b7c8d9e0f/" + "y" * 43


@pytest.mark.parametrize("name", ["Ada", "Zoë", "\u96ea", "\U0001f33f"])
async def test_a_link_stands_whole_in_the_file(tmp_path, name):
    """A line that is longer than 78 letters, or not ASCII, would be encoded otherwise, and the link cut."""
    text = f"{name} asked for a new password, and this line goes on for more than seventy-eight letters.\n\n{LINK}\n"
    mail = Mail(
        to="ada@example.com",
        subject=name,
        text=text,
        html=f'<a href="{LINK}">{name}</a>',
        message_id="x@parley",
    )
    await Mailer(None, tmp_path, "https://support.example.com").send(mail)
    stored = (tmp_path / "mail" / "x@parley.eml").read_bytes().decode()
    assert LINK in stored.splitlines()
    assert f'<a href="{LINK}">{name}</a>' in stored
