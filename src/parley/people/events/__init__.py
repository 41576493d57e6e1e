"""Events: what visitors did, as the SDKs capture it. Owns `event`."""
