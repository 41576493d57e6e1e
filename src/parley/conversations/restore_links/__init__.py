"""Restore links: a visitor who has lost their session gets their conversations back by a link in a mail.

The widget's "Recover them here" asks for the link; the page that it leads to redeems it. Owns `restore_link`.
"""
