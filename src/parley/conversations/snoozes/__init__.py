"""Snoozed tickets come back when their time has come. Setting a snooze is a change of a ticket like others."""
