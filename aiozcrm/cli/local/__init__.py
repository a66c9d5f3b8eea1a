"""What runs on this machine alone: a local Zoho, and a demonstration against it."""
