"""What is done behind a write: kinds of jobs, and how one comes from waiting to done.

A write asks for a job with `store.jobs.add_job`, in its own transaction. A kind says here what a job of it does, step
by step. Which process does it, and what happens when that one is killed, is decided by `blankett.work`.
"""
