"""Requests that may be sent again: one `Idempotency-Key`, one effect, one answer (docs/idempotency.md).

A claim is a row of the table `idempotency_key`, which says that a key is taken. The request's own transaction inserts it,
and the answer is put into it before the commit. So a crash leaves neither the effect nor the claim, and who repeats the
request later gets the stored answer. Every POST that takes a scope and the dependency `db` has this by itself; others open
`transaction_once` themselves.
"""

from parley.kernel.idempotency.answers import REPLAYED, Replayed, answer_replayed, forget_old_answers, keep
from parley.kernel.idempotency.claims import HEADER, transaction_once
from parley.kernel.idempotency.erasing import erase_answers
from parley.kernel.idempotency.handlers import KEEPS, keep_answers_of, keeps_answers, opens_once
from parley.kernel.idempotency.tables import idempotency_key

__all__ = [
    "HEADER",
    "KEEPS",
    "REPLAYED",
    "Replayed",
    "answer_replayed",
    "erase_answers",
    "forget_old_answers",
    "idempotency_key",
    "keep",
    "keep_answers_of",
    "keeps_answers",
    "opens_once",
    "transaction_once",
]
