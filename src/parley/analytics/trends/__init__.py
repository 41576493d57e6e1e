"""How often events happened in each interval, or in all of a time (docs/insights.md). It owns no table."""
