"""The judgement, and the record under it, as read-only JSON: `/api/v1/` (config/api.py)."""
