"""The accounts server of a fake Zoho: clients, grants, codes and tokens."""
