"""The demo company: people, and months of orders, complaints and absences, made by driving the engine.

build_demo(store, now, password=hash)
"""

from blankett.demo.build import build_demo
from blankett.demo.company import ORGANISATION
from blankett.demo.people import DemoPerson, people

__all__ = ["ORGANISATION", "DemoPerson", "build_demo", "people"]
