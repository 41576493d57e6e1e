"""What a mail server says of each recipient, on connections that are kept."""

import asyncio
import ssl

import pytest

from parley.kernel.network import smtp
from parley.kernel.network.smtp import NoAnswer, SmtpConnection, connection_to
from tests.certificates import write_certificate
from tests.servers import free_port
from tests.smtp_peer import smtp_peer

MAIL = b"From: a@b.example\r\nSubject: Hi\r\n\r\n.dots\r\n..\r\n"
TO = ["x@y.example", "z@y.example"]


async def send(peer, recipients=TO, mail=MAIL, connection=None):
    made = connection or SmtpConnection(peer.url, "parley.test")
    try:
        return await made.send("id@b.example", "a@b.example", recipients, mail)
    finally:
        if connection is None:
            await made.close()


async def test_a_mail_is_taken_for_each_recipient_on_one_connection():
    async with smtp_peer() as peer:
        connection = SmtpConnection(peer.url, "parley.test")
        for _ in range(3):
            answers = await send(peer, connection=connection)
        await connection.close()
    assert {address: answer.is_accepted for address, answer in answers.items()} == dict.fromkeys(TO, True)
    assert (len(peer.taken), peer.n_connections) == (3, 1)
    assert (peer.taken[0].sender, peer.taken[0].recipients) == ("a@b.example", TO)
    assert peer.taken[0].raw == MAIL and peer.commands[-1] == "QUIT"
    assert f"MAIL FROM:<a@b.example> SIZE={len(MAIL)}".upper() in [one.upper() for one in peer.commands]


@pytest.mark.parametrize(
    ("script", "codes"),
    [
        ({"refuses": {TO[0]: "550 5.1.1 No such user"}}, (550, 250)),
        ({"refuses": {TO[0]: "451 4.7.1 Greylisted"}}, (451, 250)),
        ({"refuses": {TO[0]: "550 no", TO[1]: "452 full"}}, (550, 452)),
        ({"at_mail": "553 5.1.8 Who are you"}, (553, 553)),
        ({"at_mail": "421 4.3.2 Going down"}, (421, 421)),
        ({"at_data": "554 5.7.1 Spam"}, (554, 554)),
        ({"at_data": "451 4.3.0 Later"}, (451, 451)),
        ({"refuses": {TO[0]: "550 no"}, "at_data": "452 4.3.1 Disk"}, (550, 452)),
        ({"greeting": "554 Not for you"}, (554, 554)),
    ],
)
async def test_each_recipient_gets_the_answer_that_is_about_them(script, codes):
    async with smtp_peer(**script) as peer:
        answers = await send(peer)
        assert tuple(answers[address].code for address in TO) == codes
        assert [answer.is_final for answer in answers.values()] == [not 400 <= code < 500 for code in codes]


@pytest.mark.parametrize(
    "script", [{"refuses": {TO[0]: "550 Empf\udce4nger\x00"}}, {"at_data": "554 Empf\udce4nger\x00"}]
)
async def test_words_of_a_server_can_be_stored_whatever_bytes_they_are(script):
    """Otherwise nobody could note what became of the mail, and who has taken it would get it again and again."""
    async with smtp_peer(**script) as peer:
        assert (await send(peer))[TO[0]].text == "Empf\ufffdnger\ufffd"


async def test_after_a_refusal_the_connection_takes_the_next_mail():
    async with smtp_peer(refuses={TO[0]: "550 no"}) as peer:
        connection = SmtpConnection(peer.url, "parley.test")
        await send(peer, [TO[0]], connection=connection)
        assert (await send(peer, [TO[1]], connection=connection))[TO[1]].is_accepted
        await connection.close()
    assert peer.n_connections == 1


async def test_a_connection_that_the_server_has_closed_is_made_anew_before_a_mail_begins():
    async with smtp_peer(closes_after=1) as peer:
        connection = SmtpConnection(peer.url, "parley.test")
        for _ in range(3):
            assert (await send(peer, connection=connection))[TO[0]].is_accepted
            await asyncio.sleep(0)
        await connection.close()
    assert (len(peer.taken), peer.n_connections) == (3, 3)


@pytest.mark.parametrize("at_data", ["drop", "late", "hang"])
async def test_silence_with_the_mail_in_its_hands_is_no_answer_and_nothing_is_sent_again(
    at_data, monkeypatch
):
    monkeypatch.setattr(smtp, "DATA_S", 0.3)
    async with smtp_peer(at_data=at_data) as peer:
        with pytest.raises(NoAnswer) as silence:
            await send(peer)
        assert not silence.value.is_away
        assert sum(line.startswith("DATA") for line in peer.commands) == 1


async def test_nobody_there_is_no_answer():
    async with smtp_peer() as peer:
        url = peer.url
    with pytest.raises(NoAnswer, match="Connect"):
        await SmtpConnection(url, "parley.test").send("i@d", "a@b.example", TO, MAIL)


async def test_letters_beyond_ascii_in_an_address_need_a_server_that_takes_them():
    address = "jörg@y.example"
    async with smtp_peer() as peer:
        answers = await send(peer, [address, TO[0]])
        assert (answers[address].code, answers[TO[0]].code) == (553, 250)
        assert (await send(peer, [address]))[address].code == 553
    async with smtp_peer(extensions=("SMTPUTF8", "8BITMIME")) as peer:
        assert (await send(peer, [address]))[address].code == 250
        assert peer.taken[0].recipients == [address] and any("SMTPUTF8" in one for one in peer.commands)


class SecretSink:
    """Notes of each mail whether its connection was encrypted."""

    def __init__(self):
        self.is_secret = []

    async def handle_DATA(self, server, session, envelope):
        self.is_secret.append(session.ssl is not None)
        return "250 OK"


@pytest.fixture
def secret_server(tmp_path):
    """A server that takes mails only after STARTTLS, with a certificate that nobody has signed: its port, and its sink."""
    from aiosmtpd.controller import Controller

    sink, port = SecretSink(), free_port()
    write_certificate(tmp_path / "cert.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem")
    controller = Controller(sink, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
    controller.start()
    yield port, sink
    controller.stop()


async def send_to(url, folder):
    connection = connection_to(url, folder, "http://parley.test")
    try:
        return await connection.send("i@d", "a@b.example", TO, MAIL)
    finally:
        await connection.close()


async def test_a_server_on_this_machine_is_talked_to_in_secret_where_it_can(secret_server, tmp_path):
    port, sink = secret_server
    answers = await send_to(f"smtp://127.0.0.1:{port}", tmp_path)
    assert answers[TO[0]].is_accepted and sink.is_secret == [True]


async def test_where_starttls_is_required_the_certificate_is_checked(secret_server, tmp_path, monkeypatch):
    port, sink = secret_server
    url = f"smtp://127.0.0.1:{port}?starttls=required"
    with pytest.raises(NoAnswer, match="certificate") as refused:
        await send_to(url, tmp_path)
    assert refused.value.is_away and sink.is_secret == []
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    assert (await send_to(url, tmp_path))[TO[0]].is_accepted and sink.is_secret == [True]


async def test_where_starttls_is_required_nothing_goes_to_a_server_without_it(tmp_path):
    async with smtp_peer() as peer:
        with pytest.raises(NoAnswer, match="STARTTLS") as refused:
            await send_to(f"smtp://ada:secret@127.0.0.1:{peer.port}?starttls=required", tmp_path)
    assert refused.value.is_away
    assert peer.taken == [] and not any(one.startswith(("AUTH", "MAIL")) for one in peer.commands)
