"""Support reports: how much came in, how fast it was answered and resolved, by whom, and what is open. Owns no table.

What happened is counted in the events of tickets, which stay as they were: the same that the dashboard "Support" charts.
What there is (when tickets were opened, the backlog, tags) is counted in the tickets themselves. The list of tickets has the
same conditions, so that every figure has its list (docs/support-reports.md).
"""

REPORT = "/api/projects/{project_id:str}/conversations/report"
EXPORT = REPORT + "/export"
