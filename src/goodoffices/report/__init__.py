"""Results into pages."""
