"""The readers' pages. Every one starts at `.published()`, and asks the database a fixed number of times."""
