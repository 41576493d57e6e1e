"""`python -m benchmarks.trials.dkim_signatures`: our signer of mail beside dkimpy, processor time for one mail."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

import dkim  # type: ignore[import-untyped]

from parley.email.channels.dkim import new_dkim_key
from parley.email.letters.composing import Letter, Said, mail_of
from parley.email.letters.signing import SigningKey, signed

MAILS = 100


def main() -> None:
    """Sign mails of about 10 KB, and print a line for each signer."""
    at, key = datetime.now(UTC), new_dkim_key()
    letter = Letter(
        from_name="Shop",
        from_email="help@shop.example",
        to="ada@example.com",
        subject="Order 1001",
        message_id="a@shop.example",
        at=at,
        said=[Said("Some words of an answer, as long as answers are. " * 100, None, "Bob", at)],
    )
    mail, pem = mail_of(letter).as_bytes(), key.private_key
    own = SigningKey("shop.example", key.selector, pem)
    selector = key.selector.encode()
    signers: dict[str, Callable[[], bytes]] = {
        "ours": lambda: signed(mail, own, at),
        "dkimpy": lambda: dkim.sign(mail, selector, b"shop.example", pem.encode()),
    }
    for name, sign in signers.items():
        sign()
        began = process_time()
        for _ in range(MAILS):
            sign()
        print(f"{name}: {1000 * (process_time() - began) / MAILS:.2f} ms for a mail of {len(mail)} bytes")


if __name__ == "__main__":
    main()
