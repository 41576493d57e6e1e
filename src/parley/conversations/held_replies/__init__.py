"""Replies that wait some seconds before they are sent, so that their author can take them back.

A held reply is a row. The work that sends it deletes the row in the transaction that stores the message, and so does whoever
takes it back: one of the two finds it. Owns `held_reply`.
"""
