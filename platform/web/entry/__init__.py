"""Entering records: the form, what follows from typing, saving, and meeting somebody else's save."""
