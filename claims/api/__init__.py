"""The judgement, and the record under it, as read-only JSON: `/api/v1/` (config/api.py)."""

# Which answers to expect (semantic versioning): a client of an older 1.x finds all that it knows.
VERSION = "1.1.0"
