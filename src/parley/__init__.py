"""Parley: a self-hosted platform for conversations with customers."""

__version__ = "0.1.0"
