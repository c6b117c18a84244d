"""The engine: blueprints, formulas, records. It imports neither Flask nor Jinja."""
