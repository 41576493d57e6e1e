"""Twilio: how a project connects an account there, and Twilio's REST API as far as Parley uses it. Owns no table."""

KIND_NAME = "twilio"
