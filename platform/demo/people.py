"""The people of the demo company: who they are, what they do, which language they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ORDERS = "order_management"
LEAVE = "leave_request"

HEADQUARTERS = "headquarters"
#: Workspace id → title. The others are below headquarters.
WORKSPACES: Mapping[str, str] = MappingProxyType(
    {HEADQUARTERS: "Nordlys Trading", "sales_north": "Sales North", "ningbo": "宁波办事处"}
)

#: Department id → (title, the department it is part of, its head). Purchasing has no head, and the page says so.
DEPARTMENTS: Mapping[str, tuple[str, str | None, str | None]] = MappingProxyType(
    {
        "management": ("Management", None, "lars"),
        "sales": ("Sales", "management", "mette"),
        "sales_ningbo": ("Sales Ningbo", "sales", None),
        "purchasing": ("Purchasing", "management", None),
        "warehouse": ("Warehouse", "management", "henrik"),
        "finance": ("Finance", "management", "ellen"),
        "service": ("Customer service", "sales", "signe"),
        "hr": ("Human resources", "management", "petra"),
    }
)
#: Post id → (title, department, who holds it, up to which amount they decide).
POSTS: Mapping[str, tuple[str, str, str | None, int | None]] = MappingProxyType(
    {
        "director": ("Director", "management", "lars", 250_000),
        "head_of_sales": ("Head of sales", "sales", "mette", 25_000),
        "head_of_purchasing": ("Head of purchasing", "purchasing", None, 50_000),
        "chief_accountant": ("Chief accountant", "finance", "ellen", None),
    }
)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who can sign in to the demo."""

    #: The name they have in the story: ``anna``. Also their id.
    key: str
    name: str
    #: What they do, for the sign-in page.
    work: str
    work_zh: str
    role: str
    #: The workspace they make their records in.
    home: str = HEADQUARTERS
    #: Whom they ask for leave.
    manager: str = "lars"
    #: Holidays left at the start of the story.
    days_left: int = 20
    is_admin: bool = False

    @property
    def department(self) -> str:
        """Return their main department."""
        if self.role == "sales":
            return "sales_ningbo" if self.home == "ningbo" else "sales"
        return OF_ROLE[self.role]

    @property
    def email(self) -> str:
        """Return the address they sign in with."""
        return f"{self.key}@nordlys.example"

    @property
    def language(self) -> str:
        """Return the language they read."""
        return "zh" if self.home == "ningbo" else "en"

    @property
    def zone(self) -> str:
        """Return their time zone, by IANA name."""
        return "Asia/Shanghai" if self.home == "ningbo" else "Europe/Copenhagen"

    @property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """Return workspace id → roles: held at headquarters, so in the rooms below it too. Everybody is an employee."""
        return MappingProxyType({HEADQUARTERS: frozenset({self.role, "employee"})})


#: Role → the department of those who hold it.
OF_ROLE: Mapping[str, str] = MappingProxyType(
    {
        "sales_manager": "sales",
        "director": "management",
        "warehouse": "warehouse",
        "finance": "finance",
        "service": "service",
        "hr": "hr",
        "employee": "management",
    }
)
PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson("anna", "Anna Lindqvist", "Sales", "销售", "sales", "sales_north", "mette", 14),
    DemoPerson("jonas", "Jonas Weber", "Sales", "销售", "sales", "sales_north", "mette", 19),
    DemoPerson("wang", "王磊", "Sales, Ningbo", "宁波销售", "sales", "ningbo", "mette", 9),
    DemoPerson("mette", "Mette Holm", "Sales manager", "销售经理", "sales_manager", days_left=22),
    DemoPerson("lars", "Lars Bakke", "Director", "总监", "director", manager="petra", days_left=25),
    DemoPerson("henrik", "Henrik Olsen", "Warehouse", "仓库", "warehouse", days_left=11),
    DemoPerson("na", "Li Na", "Warehouse, Ningbo", "宁波仓库", "warehouse", "ningbo", "henrik"),
    DemoPerson("ellen", "Ellen Dahl", "Finance", "财务", "finance", days_left=17),
    DemoPerson("signe", "Signe Kjær", "Customer service", "客服", "service", manager="mette", days_left=6),
    DemoPerson("zhang", "张婷", "Service, Ningbo", "宁波客服", "service", "ningbo", "mette"),
    DemoPerson("petra", "Petra Nilsen", "Human resources", "人事", "hr"),
    DemoPerson("astrid", "Astrid Vik", "Business admin", "业务管理员", "employee", is_admin=True),
)

#: Key → person.
BY_KEY: Mapping[str, DemoPerson] = MappingProxyType({person.key: person for person in PEOPLE})


def people() -> tuple[DemoPerson, ...]:
    """Return everybody who can sign in to the demo, in the order the sign-in page names them."""
    return PEOPLE
