"""Slack: connecting a workspace, and calls to Slack's Web API. Owns no table.

The folder `slack_channel` above says what a connected workspace is good for.
"""
