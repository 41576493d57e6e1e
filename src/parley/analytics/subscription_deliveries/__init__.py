"""Deliveries of subscriptions: begun when due, made once, brought to each recipient. Owns them and their recipients."""
