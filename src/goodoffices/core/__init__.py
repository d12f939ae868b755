"""Numbers: pure functions on arrays.  No domain word, no input or output, no clock."""
