"""The people who write, and what they did: persons with their distinct ids, and captured events."""
