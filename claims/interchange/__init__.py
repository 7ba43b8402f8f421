"""Exchange of annotations with other programs, as W3C Web Annotations (docs/annotations.md)."""
