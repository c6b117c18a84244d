"""A submission bound to a form: layout, widgets, errors by field."""
