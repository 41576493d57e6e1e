"""The pages of customer journeys, and the line about them beside a conversation. Owns no table."""
