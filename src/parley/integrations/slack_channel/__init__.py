"""Slack as a messaging channel: messages become tickets, threads go both ways, and the team is told in a channel.

Owns `slack_event` (what Slack has sent, until it is worked on), `slack_message` (which message in Slack is which in Parley)
and `slack_post` (what goes to Slack, and what became of it).
"""
