"""The SMTP door: takes mail for forwarding addresses, and for nobody else (RFC 5321). Owns no tables."""
