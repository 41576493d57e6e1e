"""Personal data of one person: exported, or erased. Other features own the data; this one finds and composes.

Its nouns: the *data subject* is the person whom a request names, *identifiers* are the texts by which they are
recognised, and *other tickets* are those of other people on which they have left something.
"""
