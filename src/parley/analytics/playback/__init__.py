"""The pages on which the team finds recordings and watches them.

The player is `player.js`; what is recorded is drawn in a frame of its own (docs/decisions/0031). Owns no table.
"""
