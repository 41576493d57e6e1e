"""Speed and memory, measured beside the ceiling: a bare program that gives the same answers (docs/performance.md)."""
