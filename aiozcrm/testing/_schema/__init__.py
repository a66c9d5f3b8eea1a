"""Fields and their types: what values they take, and how Zoho says that it takes another."""
