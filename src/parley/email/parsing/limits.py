"""How much of one mail is read. Beyond the first four a mail isn't read at all; of the others, the rest is left out."""

MAX_MAIL_BYTES = 30 * 1024 * 1024
MAX_HEADER_BYTES = 1024 * 1024
MAX_HEADER_LINES = 10_000
MAX_PARTS = 1000
MAX_DEPTH = 50

MAX_BODY_BYTES = 1024 * 1024
"""Of all texts of a mail together. The text that goes beyond it is cut, and kept whole as a file."""

MAX_FIELD_CHARS = 65_536
"""Of one field of the header, such as To."""

MAX_TEXT_FIELD_CHARS = 2000
"""Of a subject or a name."""

MAX_ADDRESSES = 1000
MAX_MESSAGE_IDS = 1000
MAX_MESSAGE_ID_CHARS = 998
