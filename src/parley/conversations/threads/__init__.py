"""Customer threads: what a visitor sees of tickets, and what they write on them.

A visitor sees their own tickets and those in which they take part. On these they see public messages only, and of merged
tickets only their own part. Every channel hands customers' messages to `receive_message`. Owns no table: actions of
`tickets` store what visitors write.
"""
