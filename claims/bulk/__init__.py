"""Everything that is published, as files: `tables` says what, `writing` and `reading` how, `exporting` and
`importing` do it, `triples` is most of the same as RDF. Nothing here decides what is public."""
