"""The departments of an organisation: a tree with heads, the posts in it, and who stands in for whom.

A `Directory` answers from plain data and reads no database: `store.departments` makes one of what a transaction sees.
"""

from blankett.engine.departments.absences import Absence as Absence
from blankett.engine.departments.absences import StandIn as StandIn
from blankett.engine.departments.absences import absence_fault as absence_fault
from blankett.engine.departments.absences import stand_in as stand_in
from blankett.engine.departments.directory import NO_DEPARTMENTS as NO_DEPARTMENTS
from blankett.engine.departments.directory import Department as Department
from blankett.engine.departments.directory import Directory as Directory
from blankett.engine.departments.directory import HeadFound as HeadFound
from blankett.engine.departments.directory import Passed as Passed
from blankett.engine.departments.directory import Post as Post
from blankett.engine.departments.directory import Staff as Staff
from blankett.engine.departments.directory_fault import DirectoryFault as DirectoryFault
