"""Decisions of MCP: which tools there are, what they show, and what of it strangers have written."""
