"""Threading: which ticket a mail belongs to, by the message ids that it names, its address, or its subject.

Owns the table email_reference. Nothing here decides who may write on the ticket that is found.
"""
