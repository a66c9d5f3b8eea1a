"""Runs: the same work for many items in many orgs, planned, confirmed, journaled and reported."""
