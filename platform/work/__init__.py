"""The processes that do jobs: workers beside the pages, and what keeps them and their jobs alive.

What a job does is said by its kind in `blankett.engine.jobs`. This package alone knows DBOS, which remembers what was
handed to it in the same database.
"""
