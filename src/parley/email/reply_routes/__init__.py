"""Reply routes: how an answer reaches the people of a ticket, by mail, in the widget only, or not at all.

Owns `outbound_address`: what is known of addresses that counts for the next mail.
"""
