"""Calls and answers, before and after HTTP: what Zoho can be asked, and how it answers."""
