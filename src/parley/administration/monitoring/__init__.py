"""Health and metrics, for what watches over the server."""

API_TAG = "web"  # in the OpenAPI document; programs know the operations by it
