"""Mail that is read in processes of their own."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast

import pytest

from parley.email.parsing.apart import parse_apart
from parley.email.parsing.errors import MailNotRead
from parley.email.parsing.mail import parse_mail
from parley.email.parsing.tests.corpora import files, needs_corpora
from parley.kernel.isolation.pool import IsolatedPools
from parley.kernel.services import Services


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    pools = IsolatedPools()
    yield cast(Services, SimpleNamespace(isolated=pools))
    await pools.close()


@needs_corpora
async def test_a_mail_is_read_there_as_it_is_here(services: Services) -> None:
    raws = [path.read_bytes() for path in files("mikel-mail", "*.eml")]
    found = await asyncio.gather(*(parse_apart(services, raw) for raw in raws))
    assert found == [parse_mail(raw) for raw in raws]


async def test_a_mail_of_the_largest_size_is_read_within_the_memory_of_one(services: Services) -> None:
    content = os.urandom(22_000_000)
    head = b"Content-Type: application/pdf; name=large.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    mail = await parse_apart(services, head + base64.encodebytes(content))
    assert mail.attachments[0].content == content


async def test_a_hostile_mail_is_read_without_its_html_and_disturbs_nobody(services: Services) -> None:
    hostile = b"Subject: hostile\r\nContent-Type: text/html\r\n\r\nHello" + b"<div>" * 150_000
    ordinary = [parse_apart(services, b"Subject: %d\r\n\r\nx" % n) for n in range(20)]
    first, *others = await asyncio.gather(parse_apart(services, hostile), *ordinary)
    assert (first.subject, first.text.strip(), first.html) == ("hostile", "Hello", None)
    assert [mail.subject for mail in others] == [str(n) for n in range(20)]


async def test_a_mail_beyond_a_limit_is_refused_there_and_the_process_goes_on(services: Services) -> None:
    for raw, reason in ((b"x" * 32_000_000, "too_large"), (b"a: b\n" * 20_000, "header_too_large")):
        with pytest.raises(MailNotRead) as refused:
            await parse_apart(services, raw)
        assert refused.value.reason == reason
    assert (await parse_apart(services, b"Subject: next\n\n")).subject == "next"
