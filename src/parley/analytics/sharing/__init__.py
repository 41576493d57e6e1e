"""Sharing: links by which people without an account see one thing of a project, with passwords and an end.

Owns `sharing_configuration`, `share_password` and `share_access`. What can be shared is handed in (`targets.py`).
"""
