"""From a key or a session to the caller, and from there into an organization or a project.

Owns no table. `Authenticator` in `kernel/http/authorization.py` is what the guards of routes need of it.
"""
