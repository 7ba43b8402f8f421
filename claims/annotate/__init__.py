"""The annotate screen: a transcript, its marks, and what a researcher makes of a selection."""
