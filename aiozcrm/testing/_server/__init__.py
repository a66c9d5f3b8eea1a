"""HTTP: listening, reading requests and sending replies, going wrong on order."""
