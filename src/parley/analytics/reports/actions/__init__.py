"""Making reports: answers are collected, drawn and put together."""
