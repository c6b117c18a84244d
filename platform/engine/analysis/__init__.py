"""What is proved of tables and rules before they decide: gaps, overlaps, rows and rules that never apply, rules
without end.
"""
