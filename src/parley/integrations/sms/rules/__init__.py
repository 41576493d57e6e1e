"""Decisions about text messages: who has sent a request, whose number it is, and what words mean."""
