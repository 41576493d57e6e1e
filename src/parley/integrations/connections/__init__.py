"""Integrations: accounts at other services that a project is connected to. Owns them, and connecting that is under way.

What can be connected is said by the features above, one folder for each kind (`kinds.py`).
"""

INTEGRATIONS = "/api/projects/{project_id:str}/integrations"
INTEGRATION = INTEGRATIONS + "/{integration_id:str}"
PAGE = "/settings/integrations"
