"""What was fetched, kept: as bytes, as a WARC file, as text, and as what the document says of itself."""
