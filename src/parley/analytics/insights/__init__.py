"""Insights: saved questions about events, and their answers.

`actions/running.py` answers a query: from what is kept, or by the feature of its kind (`kinds.py`), once for all who ask
at the same time. Owns `insight`, `insight_result` and `insight_run`.
"""

INSIGHTS = "/api/projects/{project_id:str}/insights"
INSIGHT = INSIGHTS + "/{insight_id:str}"
QUERIES = "/api/projects/{project_id:str}/query"
