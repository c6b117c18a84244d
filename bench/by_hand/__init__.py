"""The benchmark's order form as a good engineer writes it by hand: Flask, SQLAlchemy Core and Jinja, no blueprint.

It makes the same promises as the product and sends the same pages, for this one form. Between requests it keeps
compiled templates and statements, nothing else.
"""
