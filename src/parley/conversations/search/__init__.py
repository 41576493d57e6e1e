"""Search: the index over the words of tickets and messages. Owns `search_text`."""
