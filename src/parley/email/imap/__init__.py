"""Fetching mail of a channel from its mailbox (IMAP, RFC 9051), which is only ever read. Owns the mailboxes."""
