"""A chart shows exactly the numbers of its table (acceptance point 29 of the screens)."""

import re

import pytest
from django.template import Context, Template

from core.charts import BarChart, Chart, FlowChart, StackedChart, TrendChart
from core.styleguide import _charts

SAMPLES = {chart.identity: chart for chart in _charts()}


def numbers(chart: Chart) -> list[int]:
    return sorted(int(found) for label in chart.draw().labels for found in re.findall(r"\d+$", label.text))


def table(chart: Chart) -> list[int]:
    return sorted(number for _label, row in chart.draw().table.rows for number in row)


@pytest.mark.parametrize("identity", ["bars", "columns"])
def test_every_number_of_the_table_stands_on_its_mark(identity: str) -> None:
    assert numbers(SAMPLES[identity]) == table(SAMPLES[identity])


def test_a_stacked_chart_shows_sums_and_never_another_number() -> None:
    chart = SAMPLES["stacked"]
    drawing = chart.draw()
    assert set(numbers(chart)) <= set(table(chart))
    assert all(sum(row[:-1]) == row[-1] for _label, row in drawing.table.rows)
    assert {row[-1] for _label, row in drawing.table.rows} <= set(numbers(chart))


def test_lines_show_their_last_number() -> None:
    chart = SAMPLES["lines"]
    assert numbers(chart) == sorted(chart.draw().table.rows[-1][1])


def test_a_flow_keeps_its_sums_and_its_bands_have_the_width_of_their_number() -> None:
    drawing = SAMPLES["flow"].draw()
    named = {label.text.rsplit(" ", 1)[0]: int(label.text.rsplit(" ", 1)[1]) for label in drawing.labels}
    assert named == {"Sent": 102, "Accepted": 72, "Declined": 12, "Waiting": 18, "Done": 50, "Running": 22}
    heights = [float(re.search(r"v(\d+\.\d+)C", path.d)[1]) for path in drawing.paths if path.kind == "flow"]  # type: ignore[index]
    assert heights == pytest.approx([heights[0] * value / 72 for value in (72, 12, 18, 50, 22)], abs=0.05)


@pytest.mark.parametrize("chart", SAMPLES.values(), ids=SAMPLES)
def test_a_chart_has_a_name_a_description_and_a_table(chart: Chart) -> None:
    html = Template("{% load charts %}{% chart chart %}").render(Context({"chart": chart}))
    assert f'aria-labelledby="{chart.identity}-title {chart.identity}-desc"' in html
    assert str(chart.message) in html
    assert html.count("<td") >= len(table(chart))
    assert "style=" not in html


@pytest.mark.parametrize(
    "chart",
    [
        BarChart(identity="a", title="t", message="m", bars=[]),
        BarChart(identity="a", title="t", message="m", bars=[("x", 0)]),
        StackedChart(identity="a", title="t", message="m", parts=["p"], rows=[("x", [0])]),
        TrendChart(identity="a", title="t", message="m", periods=[], series=[("s", [])]),
        TrendChart(identity="a", title="t", message="m", periods=["p"], series=[("s", [0]), ("u", [0])]),
        FlowChart(identity="a", title="t", message="m", flows=[]),
        FlowChart(identity="a", title="t", message="m", flows=[("x", "y", 0)]),
    ],
)
def test_nothing_to_show_is_no_fault(chart: Chart) -> None:
    assert Template("{% load charts %}{% chart chart %}").render(Context({"chart": chart}))


def test_rows_that_do_not_fit_and_circles_are_refused() -> None:
    with pytest.raises(ValueError, match="one number for each"):
        StackedChart(identity="a", title="t", message="m", parts=["p"], rows=[("x", [1, 2])]).draw()
    with pytest.raises(ValueError, match="circle"):
        FlowChart(identity="a", title="t", message="m", flows=[("x", "y", 1), ("y", "x", 1)]).draw()
