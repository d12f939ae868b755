"""The case folder: read, check, save, hash.  The only room that knows pydantic."""
