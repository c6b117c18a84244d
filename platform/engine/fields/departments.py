"""Fields that hold a department of the organisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from blankett.engine import feel
from blankett.engine.fields.base import Lookup
from blankett.engine.fields.links import PointingType

if TYPE_CHECKING:
    from blankett.engine.language.model import Field


class DepartmentType(PointingType):
    """A department. Which ones may be chosen is the organisation's to say: those that are open."""

    name = "department"
    help = "A department of the organisation. Formulas ask it: branch.head."
    synonyms = "abteilung 部门 org_unit orgunit unit cost_center costcenter"
    points_to = "department"
    is_column = True
    column = "department"
    widget = "user"
    nothing = "field.no_such_department"
    several = "field.several_departments"

    def feel_type(self, of: Field) -> feel.Type:
        """Return a department."""
        return feel.RecordType("department")

    def find(self, text: str, of: Field, lookup: Lookup) -> Sequence[tuple[str, str]]:
        """Return the departments that the text names."""
        return lookup.department_by_text(text)
