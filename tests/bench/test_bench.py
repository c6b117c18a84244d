"""The benchmark itself: a short run on few orders, and what it writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from bench.__main__ import PAGE, run
from bench.breakdown import Breakdown
from bench.browser import forms_in
from bench.clerk import TASKS
from bench.processes import cpu_seconds, family, memory_mib
from bench.report import AIMS, BEGIN, END, Measured, missed, table, where_time_goes, write_between_markers
from bench.turns import Cost


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="reads /proc as Linux has it")
def test_a_short_run_measures_everything(tmp_path: Path) -> None:
    found = run(tmp_path, orders=200, requests=2, people=3)
    assert [each.key for each in found.measured] == ["start", *TASKS, "memory"]
    assert {each.key for each in found.measured} == {aim.key for aim in AIMS}
    assert "with 200 orders" in found.conditions
    for each in found.measured:
        assert each.product > 0.1, each
        assert each.twin > 0.1, each
        is_page = each.key in TASKS and TASKS[each.key].is_page
        assert is_page == (each.product_again is not None and each.twin_again is not None), each


def test_the_table_marks_what_missed_its_aim() -> None:
    measured = [
        Measured.of("create", Cost(0.0034), Cost(0.002)),
        Measured.of("list", Cost(0.00312, 0.002), Cost(0.002, 0.0016)),
        Measured("memory", 104.4, 52.3),
    ]
    assert table(measured).splitlines()[2:] == [
        "| list page of 50 (filter, sort, count) | 3.12 ms | 2.00 ms | **1.6 ×** | 1.5 × | 2.00 ms | 1.60 ms | 1.2 × |",
        "| create an order (12 fields, 5 lines) | 3.40 ms | 2.00 ms | 1.7 × | 1.7 × | – | – | – |",
        "| memory after 50 people (PSS) | 104 MiB | 52 MiB | 2.0 × | 2 × | – | – | – |",
    ]
    assert missed(measured) == ["list page of 50 (filter, sort, count)"]


def test_the_time_is_told_area_by_area() -> None:
    found = {
        "create": Breakdown(19.6, {"engine": 0.5, "Flask": 0.3, "database": 0.2}),
        "list": Breakdown(12, {"templates": 0.6, "engine": 0.4}),
    }
    assert where_time_goes(found).splitlines() == [
        "| what | SQL statements | engine | templates | Flask | database |",
        "|---|---:|---:|---:|---:|---:|",
        "| create an order | 20 | 50% | 0% | 30% | 20% |",
        "| list page of 50 | 12 | 40% | 60% | 0% | 0% |",
    ]


def test_figures_are_written_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_between_markers(page, "new")
    write_between_markers(page, "newer")
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"


def test_a_page_without_markers_is_refused_and_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the markers"):
        write_between_markers(page, "new")
    assert page.read_text(encoding="utf-8") == "nothing"


def test_the_page_of_the_documentation_has_the_markers() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert 0 < text.index(BEGIN) < text.index(END)


def test_forms_are_read_with_the_values_of_their_fields() -> None:
    page = """
    <form action="/a" method="POST"><input type="hidden" name="token" value="x">
    <input name="name" value="Anna">
    <input type="checkbox" name="on" value="yes" checked><input type="checkbox" name="off">
    <select name="size"><option value="s">S</option><option value="m" selected>M</option></select>
    <textarea name="note">
Two
lines</textarea><button name="do" value="save">Save</button></form><form action="/b"></form>"""
    first, second = forms_in(page)
    assert (first.action, first.method, second.action, second.method) == ("/a", "post", "/b", "get")
    assert first.values == {
        "token": ["x"], "name": ["Anna"], "on": ["yes"], "size": ["m"], "note": ["Two\nlines"],
    }  # fmt: skip
    assert first.filled(name="Bert", extra=["1", "2"])[1:2] == [("name", "Bert")]


def test_the_use_of_a_process_counts_its_children() -> None:
    burn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(30_000_000)); input()'])"
    process = subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE)
    try:
        while cpu_seconds(process.pid) < 0.3:
            assert process.poll() is None
        assert len(family(process.pid)) == 2
        assert memory_mib(process.pid)[0] > 5
    finally:
        process.communicate(b"\n", timeout=30)
