"""Letters: what goes out by e-mail, put into words for who reads it, and sent behind the write that caused it."""
