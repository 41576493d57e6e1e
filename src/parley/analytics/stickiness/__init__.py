"""Stickiness: in how many intervals of a period people were active. Owns no table."""
