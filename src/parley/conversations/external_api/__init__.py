"""The external API: a program reads and changes a ticket with its project's secret token, and no event follows."""

API_TAG = "external"  # in the OpenAPI document
