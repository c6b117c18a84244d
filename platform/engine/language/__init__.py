"""The language: from the text of a blueprint to its model, and what follows from the model."""
