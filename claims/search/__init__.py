"""Search and matching: what is published, found in the words that it is asked for, or in others."""
