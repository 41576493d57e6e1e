"""Conversations with customers: tickets, their messages, who may see them, and every way in and out."""
