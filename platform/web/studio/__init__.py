"""Blueprints: the gallery, the text with what is found in it, publishing, new ones."""
