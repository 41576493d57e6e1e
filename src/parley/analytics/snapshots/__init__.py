"""What recordings hold: their blocks, read out of the storage and sent to whoever plays them back.

Owns no table. How blocks leave is in `block_stream`, how several become one file in `gzip_members`, and what the SDK has
packed inside of events in `packed_events`.
"""

API_TAG = "recordings"  # in the OpenAPI document
