"""How many persons went through several steps, how long they took, and who is where (docs/insights.md). It owns no table."""
