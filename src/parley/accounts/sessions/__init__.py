"""Sessions of signed-in people: a random token in a cookie, its hash in the database.

Writes `session`. How a session becomes a caller is in `authentication`.
"""
