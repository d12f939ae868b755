"""Where cases are kept: encrypted, packed, with their history and branches."""
