"""Passwords given on the command line."""

import asyncio

from parley.commands.output import CommandRefused, complain


def hash_given_password(password: str, email: str) -> str:
    """Return the hash. Whoever runs commands owns the server, so a weak password is taken with a warning."""
    from parley.accounts.passwords.hashing import hash_password
    from parley.accounts.passwords.rules import MAX_LENGTH, check_password
    from parley.kernel.errors import Invalid

    if not password or len(password) > MAX_LENGTH:
        raise CommandRefused(f"The password must have between 1 and {MAX_LENGTH} characters.")
    try:
        check_password(password, email=email)
    except Invalid as problem:
        complain(f"Warning: {problem.detail}")
    return asyncio.run(hash_password(password))
