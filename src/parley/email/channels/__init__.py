"""E-mail channels: the addresses under which a project writes, and where mail to them arrives. Owns channels and domains."""
