"""The pages on which insights are listed, looked at and put together. Owns no table."""
