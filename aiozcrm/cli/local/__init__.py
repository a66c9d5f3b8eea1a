"""Commands that need no Zoho account: a local Zoho, and a demonstration against it."""
