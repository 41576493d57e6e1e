"""MCP: the tools, transcripts and prompts that assistants use a project with, over the Model Context Protocol.

It has no tables and no rights of its own: whatever a tool does is a request of Parley's own API, made in this process with
the credentials of the caller.
"""
