"""The protocol: what is sent to an identity provider, and what is believed of its answer. No database and no clock."""
