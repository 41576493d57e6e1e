"""Suggested replies: a draft of an answer to a ticket, with the sources that it comes from. Owns `answer_source`.

Without a model the draft is what the team has answered, written down or prepared before, found by its words. With a model
(`PARLEY_LLM_URL`) it is written from the team's articles and quick actions. Nothing is sent: an agent reads it first.
"""
