"""The second factor of signing in (codes of an authenticator, recovery codes), and passkeys, which are both in one.

Writes `totp`, `recovery_code`, `passkey` and `sign_in_step`. When they are asked for is in `sign_in`.
"""
