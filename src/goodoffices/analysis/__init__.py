"""Words in, words out: the corridor from evidence to an answer.  Runs one way."""
