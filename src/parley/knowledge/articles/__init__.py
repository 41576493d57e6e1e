"""Articles: what the team has written down for customers, in Markdown. Owns `article`.

An article is a draft until it is published. Suggested replies use published ones.
"""
