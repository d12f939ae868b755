"""What the package offers to those who extend it."""
