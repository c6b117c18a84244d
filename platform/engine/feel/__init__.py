"""The expression language: FEEL of the DMN standard, with our own functions beside the standard's.

    expression = parse_expression("total > 100 and customer.tier = \"gold\"")
    checked = check(expression, scope, Boolean())
    formula = compile(expression, scope)
    formula.evaluate({"total": Decimal(200), "customer": Reference("c1", "ACME", {"tier": "gold"})}, moment)

Imports nothing of the engine's other packages.
"""

from blankett.engine.feel.budget import Moment, Purse, Run
from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.feel.compile import CompiledFormula, compile, evaluating
from blankett.engine.feel.decision_table import HITS, DecisionTable, Hit, TableDecision, watching_tables
from blankett.engine.feel.errors import (
    MESSAGES,
    BudgetExceeded,
    FeelError,
    FeelRuntimeError,
    FeelSyntaxError,
    message_text,
)
from blankett.engine.feel.formula_reader import parse_expression, parse_template, parse_unary_tests
from blankett.engine.feel.scope import EDITION, Scope
from blankett.engine.feel.sql import ColumnResolver, SqlColumn, sql_findings, to_sql
from blankett.engine.feel.tree import Expression
from blankett.engine.feel.typecheck import check
from blankett.engine.feel.typecheck.checker import CheckedFormula, Finding
from blankett.engine.feel.typecheck.null_facts import Atom, Said, asked_for
from blankett.engine.feel.types import (
    Any,
    Boolean,
    Context,
    Date,
    DateTime,
    DaysTimeDuration,
    FunctionType,
    ListOf,
    Null,
    Number,
    RangeOf,
    RecordType,
    Text,
    Time,
    Type,
    YearsMonthsDuration,
)
from blankett.engine.feel.values import Function, Range, Reference, YearsMonths

__all__ = [
    "BUILTINS",
    "EDITION",
    "HITS",
    "MESSAGES",
    "Any",
    "Atom",
    "Boolean",
    "BudgetExceeded",
    "CheckedFormula",
    "ColumnResolver",
    "CompiledFormula",
    "Context",
    "Date",
    "DateTime",
    "DaysTimeDuration",
    "DecisionTable",
    "Expression",
    "FeelError",
    "FeelRuntimeError",
    "FeelSyntaxError",
    "Finding",
    "Function",
    "FunctionType",
    "Hit",
    "ListOf",
    "Moment",
    "Null",
    "Number",
    "Purse",
    "Range",
    "RangeOf",
    "RecordType",
    "Reference",
    "Run",
    "Said",
    "Scope",
    "SqlColumn",
    "TableDecision",
    "Text",
    "Time",
    "Type",
    "YearsMonths",
    "YearsMonthsDuration",
    "asked_for",
    "check",
    "compile",
    "evaluating",
    "message_text",
    "parse_expression",
    "parse_template",
    "parse_unary_tests",
    "sql_findings",
    "to_sql",
    "watching_tables",
]
