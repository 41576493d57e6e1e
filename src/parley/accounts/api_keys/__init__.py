"""Personal API keys: what they may do (scopes), where (coverage and limits), and when they were used last.

Writes `personal_api_key`. How a key becomes a caller is in `authentication`.
"""
