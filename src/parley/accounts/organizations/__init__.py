"""Organizations: made, changed, deleted, and shown with their projects and the number of their members.

Writes `organization`. The guards of routes below an organization are in `kernel/http/organizations.py`.
"""
