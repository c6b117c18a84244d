"""Makes the model of a blueprint from its tree, piece by piece.

What is wrong goes to the report; the rest is made anyway.
"""
