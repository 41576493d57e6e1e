"""Who has sent a mail: what the doors of inbound mail verify by themselves."""
