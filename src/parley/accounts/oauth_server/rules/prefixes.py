"""How tokens begin: as PostHog's do, so that programs and scanners of secrets know them (docs/wire/requests.md#keys)."""

ACCESS_PREFIX, REFRESH_PREFIX, SECRET_PREFIX = "pha_", "phr_", "pcs_"
