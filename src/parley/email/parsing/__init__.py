"""From the bytes of a mail to what it says: pure, without database, network or clock. It owns no table.

`mail.parse_mail` reads one mail in this process, `pool.parse_apart` in a process of its own with limits. Nobody but the
sender decides what the bytes are, so every part here takes time that is linear in their length, and raises nothing
but `MailNotRead`.
"""
