"""What all parts of the program speak of."""

MOST = 1 << 29  # bytes that a file, or a body in it, may grow to when it is unpacked
PLAIN = ("text/plain", "text/markdown", "text/x-markdown")
PAGES = ("text/html", "application/xhtml+xml")
CAPTIONS = ("text/vtt", "application/x-subrip")


class Wrong(Exception):
    """What is wrong, in a sentence."""
