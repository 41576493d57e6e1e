"""The chat widget: the public API that PostHog's browser SDK talks to, its files and its configuration. Owns no table."""
