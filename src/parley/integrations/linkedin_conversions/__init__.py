"""Conversions for LinkedIn: what happens to tickets and people, told to the advertising account that brought them.

Owns the conversion rules of a project and the log of what was sent.
"""
