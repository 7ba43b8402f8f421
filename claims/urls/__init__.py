"""The addresses that the public reads: `pages` for people, in their language; `machines` for programs."""
