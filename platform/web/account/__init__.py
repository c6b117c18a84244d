"""Signing in, and one's own settings: sessions, passwords, and the pages of both."""
