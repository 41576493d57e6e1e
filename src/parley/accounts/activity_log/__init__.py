"""The activity log: who changed what, written in the transaction of the change itself. Features record through `actions`."""

API_TAG = "activity"  # in the OpenAPI document
