"""Giving out and forgetting what is known of one person."""
