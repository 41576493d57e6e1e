"""Rules change, conversions are collected and sent."""
