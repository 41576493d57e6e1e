"""When an answer is due: an amount of time, perhaps counted in business hours. Plain rules, without tables (docs/sla.md)."""
