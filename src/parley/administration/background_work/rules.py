"""What is said of work that failed: a sentence by the kind of the error, never its text.

The text of an error may hold an address, a host of the server's network, or something that a customer wrote.
"""

import re

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
UNREACHABLE = "The mail server could not be reached."
TOO_SLOW = "It took too long."
SENTENCES = {
    "SMTPConnectError": UNREACHABLE,
    "SMTPConnectTimeoutError": UNREACHABLE,
    "SMTPConnectResponseError": "The mail server refused the connection.",
    "SMTPServerDisconnected": "The mail server closed the connection.",
    "SMTPTimeoutError": "The mail server did not answer in time.",
    "SMTPReadTimeoutError": "The mail server did not answer in time.",
    "SMTPAuthenticationError": "The mail server refused the user name or the password.",
    "SMTPRecipientsRefused": "The mail server refused the recipient.",
    "SMTPRecipientRefused": "The mail server refused the recipient.",
    "SMTPSenderRefused": "The mail server refused the sender.",
    "SMTPDataError": "The mail server refused the mail.",
    "SMTPHeloError": "The mail server refused the name of this server.",
    "SMTPNotSupported": "The mail server can't do what the settings ask for.",
    "ConnectionRefusedError": "Another server refused the connection.",
    "ConnectionResetError": "Another server closed the connection.",
    "gaierror": "The name of another server could not be resolved.",
    "TimeoutError": TOO_SLOW,
    "CancelledError": "It was interrupted.",
    "SystemExit": "It was interrupted.",
    "MemoryError": "There was not enough memory.",
    "PermissionError": "The server may not read or write a file.",
    "NoHandler": "This version of Parley does not know this work.",
    "NotFound": "What it is about is gone.",
    "Unavailable": "The database did not answer.",
}


def sentence_of(error: str | None) -> str:
    """Say what went wrong, from what the queue has stored: the error's type, a colon and its text."""
    kind = (error or "").partition(":")[0]
    if kind in SENTENCES:
        return SENTENCES[kind]
    if NAME.fullmatch(kind):
        return f"It failed with {kind}. The log of the server says more."
    return "It failed. The log of the server says more."
