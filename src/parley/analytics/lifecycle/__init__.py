"""Lifecycle: how many people were new, came again, came back and stayed away, in each interval. Owns no table."""
