"""Errors of the widget's API. All but one are `{"error": ...}`, whatever the rest of Parley says."""

from parley.kernel.errors import PermissionDenied


class WrongToken(PermissionDenied):
    """The token belongs to no project, or the project has conversations switched off."""

    default_detail = "Invalid token or conversations not enabled"
