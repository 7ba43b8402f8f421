"""The claims desk: what waits for whom, and what is done with many claims at once."""
