"""Profiles: the credentials of an org under a name, and the commands that look after them."""
