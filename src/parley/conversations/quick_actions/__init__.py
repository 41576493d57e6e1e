"""Quick actions: prepared answers and changes that the team applies to tickets; some call them macros.

A quick action says what to write and what to set. Whoever applies it sends the reply and the change of the ticket. Owns
`quick_action`.
"""
