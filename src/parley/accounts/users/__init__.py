"""Users: people with an account, by their e-mail address, and the organization and project in which they work now.

Writes `user_account`. Who is in which organization is in `memberships`; how somebody signs in, in `sign_in`.
"""
