"""What an org holds, family by family, and the calls that work on it."""
