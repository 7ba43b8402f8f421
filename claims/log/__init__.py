"""An append-only log that anybody can hold to its word: what it has said once, it cannot unsay unseen.

`merkle` is the tree over its entries, with the proofs (RFC 9162, section 2.1); `checkpoints` is what the log
says of its tree, and `notes` how it signs that; `tiles` are the files that the tree is published in
(C2SP: signed-note, tlog-checkpoint, tlog-tiles); `canonical` is the one way in which an entry is written
(RFC 8785), and `documents` what it says. These six are pure. `events` has a function for each event,
`writing` is the one way into the database, `afterwards` what was there before; `verifying` and `judgement`
compute all of it anew.
"""
