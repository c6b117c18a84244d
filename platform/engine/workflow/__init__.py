"""Approvals: what is agreed by whom in which order, as data, and the pure machine that is made from one table.

`terms` is an approval as its blueprint says it, `facts` what is the case when somebody acts, `course` how far one
approval is. `approval_table` says what comes of every act, `machine` carries it out.
"""

from __future__ import annotations
