"""Charts as data: a sentence, marks to draw and the same numbers as a table.

Drawn on the server as SVG without script. Widths are percentages, so that words and numbers keep their size from a
phone to a wall screen. Each mark carries its number; a chart shows exactly the numbers of its table (tested).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _

Words: TypeAlias = str | Promise
Anchor: TypeAlias = Literal["start", "middle", "end"]

ROW: Final = 46
BAR: Final = 20
# Room to the right of the longest bar, in per cent, where its number stands.
NUMBER_ROOM: Final = 14
TREND_HEIGHT: Final = 180
FLOW_GAP: Final = 14
FLOW_HEIGHT: Final = 240
# The least height that a node takes up with the words above it.
FLOW_ROOM: Final = 26
NODE_WIDTH: Final = 1.6
NARROW_PERIODS: Final = 8
SERIES: Final = 5
DASHES: Final = ("", "7 4", "2 4", "9 3 2 3", "1 6")


@dataclass(frozen=True)
class Table:
    """The numbers of a chart: heads, and rows of a label and its numbers."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True)
class Rect:
    """A bar: ``x`` and ``width`` in per cent, ``y`` and ``height`` in pixels."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True)
class Label:
    """Words or a number: ``x`` in per cent moved by ``dx`` pixels, ``y`` in pixels. ``is_minor``: not on phones."""

    x: float
    y: float
    text: str
    dx: float = 0
    anchor: Anchor = "start"
    tone: Literal["", "soft", "on"] = ""
    is_minor: bool = False


@dataclass(frozen=True)
class Path:
    """A shape in a square of 100 by 100 that is stretched over the chart."""

    d: str
    kind: Literal["line", "flow", "node"]
    series: int = 1
    dash: str = ""


@dataclass(frozen=True)
class Drawing:
    """What a chart puts on the page."""

    height: int
    table: Table
    rects: Sequence[Rect] = ()
    labels: Sequence[Label] = ()
    paths: Sequence[Path] = ()
    legend: Sequence[str] = ()
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Base: ``identity`` is unique on the page; ``message`` is the sentence that says what one sees."""

    identity: str
    title: Words
    message: Words
    heads: Sequence[Words] = field(default=())
    # Needs the whole width of a page; on a phone its table stands in its place.
    is_wide: ClassVar[bool] = False

    def draw(self) -> Drawing:
        """The marks and their table."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class BarChart(Chart):
    """Horizontal bars, one number each, in the order given."""

    bars: Sequence[tuple[Words, int]]

    def draw(self) -> Drawing:
        """A label above each bar, its number at the end."""
        largest = max((value for _label, value in self.bars), default=0) or 1
        rects: list[Rect] = []
        labels: list[Label] = []
        for index, (label, value) in enumerate(self.bars):
            top, width = index * ROW, value / largest * (100 - NUMBER_ROOM)
            rects.append(Rect(0, top + 20, width, BAR, 1))
            labels += [Label(0, top + 14, str(label)), Label(width, top + 35, str(value), dx=6)]
        rows = [(str(label), [value]) for label, value in self.bars]
        return Drawing(max(ROW * len(self.bars), ROW), Table(_heads(self.heads, _("Number")), rows), rects, labels)


@dataclass(frozen=True, kw_only=True)
class StackedChart(Chart):
    """Horizontal bars in parts. ``parts`` names the series; every row has one number for each."""

    parts: Sequence[Words]
    rows: Sequence[tuple[Words, Sequence[int]]]

    def draw(self) -> Drawing:
        """The number of a part stands in it where it fits, the sum at the end; the label names all."""
        _fits(self.parts, (values for _label, values in self.rows))
        largest = max((sum(values) for _label, values in self.rows), default=0) or 1
        rects: list[Rect] = []
        labels: list[Label] = []
        for index, (label, values) in enumerate(self.rows):
            top, x = index * ROW, 0.0
            for series, value in enumerate(values, start=1):
                width = value / largest * (100 - NUMBER_ROOM)
                if value:
                    rects.append(Rect(x, top + 20, width, BAR, series))
                if value and width > len(str(value)) * 3 + 2:
                    labels.append(Label(x + width / 2, top + 35, str(value), anchor="middle", tone="on"))
                x += width
            labels += [Label(0, top + 14, str(label)), Label(x, top + 35, str(sum(values)), dx=6)]
        names = [str(part) for part in self.parts]
        rows = [(str(label), [*values, sum(values)]) for label, values in self.rows]
        heads = [*_heads(self.heads[:1], *names), _("Total")]
        return Drawing(max(ROW * len(self.rows), ROW), Table(heads, rows), rects, labels, legend=names)


@dataclass(frozen=True, kw_only=True)
class TrendChart(Chart):
    """Columns by month for one series, lines for several."""

    periods: Sequence[Words]
    series: Sequence[tuple[Words, Sequence[int]]]

    def draw(self) -> Drawing:
        """Columns with their numbers; lines differ by dash as well as colour, with the number at the end of each."""
        _fits(self.periods, (values for _name, values in self.series))
        names = [str(name) for name, _values in self.series]
        rows = [
            (str(period), [values[index] for _name, values in self.series]) for index, period in enumerate(self.periods)
        ]
        table = Table(_heads(self.heads[:1], *names), rows)
        is_single = len(self.series) == 1
        rects, labels = self._columns() if is_single else ([], self._ends())
        labels = [*labels, *self._axis()]
        paths = [] if is_single else self._lines()
        legend = [] if is_single else names
        return Drawing(TREND_HEIGHT + 24, table, rects, labels, paths, legend, dashed=not is_single)

    @property
    def _largest(self) -> int:
        return max((value for _name, values in self.series for value in values), default=0) or 1

    def _y(self, value: int) -> float:
        return TREND_HEIGHT - value / self._largest * (TREND_HEIGHT - 20)

    def _columns(self) -> tuple[list[Rect], list[Label]]:
        _name, values = self.series[0]
        step = 100 / max(len(values), 1)
        rects = [
            Rect(index * step + step * 0.12, self._y(value), step * 0.76, TREND_HEIGHT - self._y(value), 1)
            for index, value in enumerate(values)
        ]
        labels = [
            Label((index + 0.5) * step, self._y(value) - 4, str(value), anchor="middle", is_minor=self._is_minor(index))
            for index, value in enumerate(values)
        ]
        return rects, labels

    def _lines(self) -> list[Path]:
        paths = []
        for index, (_name, values) in enumerate(self.series):
            points = [f"{self._x(i):.2f} {self._y(value) / TREND_HEIGHT * 100:.2f}" for i, value in enumerate(values)]
            paths.append(Path("M" + " L".join(points), "line", index + 1, DASHES[index]))
        return paths

    def _ends(self) -> list[Label]:
        ends = sorted((self._y(values[-1]), str(values[-1])) for _name, values in self.series if values)
        placed: list[Label] = []
        for y, text in ends:
            # Numbers that would lie on each other move apart.
            free = max(y + 4, placed[-1].y + 14) if placed else y + 4
            placed.append(Label(self._x(len(self.periods) - 1), free, text, dx=4))
        return placed

    def _x(self, index: int) -> float:
        step = (100 if len(self.series) == 1 else 100 - NUMBER_ROOM / 2) / max(len(self.periods), 1)
        return (index + 0.5) * step

    def _axis(self) -> list[Label]:
        """Each period where they are few, else about eight of them, always the last."""
        last = len(self.periods) - 1
        every = max(1, -(-len(self.periods) // NARROW_PERIODS))
        return [
            Label(self._x(index), TREND_HEIGHT + 18, str(period), anchor="middle", tone="soft",
                  is_minor=self._is_minor(index))
            for index, period in enumerate(self.periods)
            if (last - index) % every == 0
        ]  # fmt: skip

    def _is_minor(self, index: int) -> bool:
        every = max(1, -(-len(self.periods) // 4))
        return (len(self.periods) - 1 - index) % every != 0


@dataclass(frozen=True, kw_only=True)
class FlowChart(Chart):
    """Bands from step to step, as wide as their number. ``flows``: from, to, number; without circles."""

    flows: Sequence[tuple[Words, Words, int]]
    is_wide: ClassVar[bool] = True

    def draw(self) -> Drawing:
        """Nodes in columns by how many steps lead to them; each names itself with its number."""
        flows = [(str(source), str(target), value) for source, target, value in self.flows]
        layout = _Layout(flows)
        rows = [(f"{source} → {target}", [value]) for source, target, value in flows]
        return Drawing(
            layout.height,
            Table(_heads(self.heads, _("Number")), rows),
            labels=layout.labels(),
            paths=[*layout.bands(), *layout.nodes()],
        )


class _Layout:
    """Where the nodes of a flow stand; everything in per cent of the drawing."""

    def __init__(self, flows: Sequence[tuple[str, str, int]]) -> None:
        self.flows = [flow for flow in flows if flow[2] > 0]
        self.columns = self._columns()
        self.sizes = {name: self._size(name) for names in self.columns for name in names}
        most = max((len(names) for names in self.columns), default=1)
        self.height = max(FLOW_HEIGHT, FLOW_ROOM * most)
        gap = FLOW_GAP / self.height * 100
        total = max((sum(self.sizes[name] for name in names) for names in self.columns), default=1) or 1
        self.scale = (100 - gap * (most - 1) - gap) / total
        self.places: dict[str, tuple[float, float]] = {}
        for index, names in enumerate(self.columns):
            y = gap
            for name in names:
                self.places[name] = (self._x(index), y)
                y += self.sizes[name] * self.scale + gap

    def bands(self) -> list[Path]:
        """One band for each flow, leaving and arriving in the order given."""
        left: dict[str, float] = defaultdict(float)
        right: dict[str, float] = defaultdict(float)
        return [self._band(flow, left, right) for flow in self.flows]

    def nodes(self) -> list[Path]:
        """The upright bars."""
        return [
            Path(f"M{x:.2f} {y:.2f}h{NODE_WIDTH}v{self.sizes[name] * self.scale:.2f}h-{NODE_WIDTH}z", "node")
            for name, (x, y) in self.places.items()
        ]

    def labels(self) -> list[Label]:
        """Above each node: to the left of the edge in the last column, else to the right."""
        last = len(self.columns) - 1
        labels = []
        for index, names in enumerate(self.columns):
            is_last = index == last and last > 0
            for name in names:
                x, y = self.places[name]
                edge = x + NODE_WIDTH if is_last else x
                text = f"{name} {self.sizes[name]}"
                labels.append(Label(edge, y / 100 * self.height - 3, text, anchor="end" if is_last else "start"))
        return labels

    def _band(self, flow: tuple[str, str, int], left: dict[str, float], right: dict[str, float]) -> Path:
        source, target, value = flow
        width = value * self.scale
        (x1, y1), (x2, y2) = self.places[source], self.places[target]
        x1, y1, y2 = x1 + NODE_WIDTH, y1 + left[source], y2 + right[target]
        left[source] += width
        right[target] += width
        middle = (x1 + x2) / 2
        d = (
            f"M{x1:.2f} {y1:.2f}C{middle:.2f} {y1:.2f} {middle:.2f} {y2:.2f} {x2:.2f} {y2:.2f}v{width:.2f}"
            f"C{middle:.2f} {y2 + width:.2f} {middle:.2f} {y1 + width:.2f} {x1:.2f} {y1 + width:.2f}z"
        )
        return Path(d, "flow")

    def _columns(self) -> list[list[str]]:
        depth: dict[str, int] = {}
        for source, target, _value in self.flows:
            depth.setdefault(source, 0)
            depth.setdefault(target, 0)
        for _round in depth:
            for source, target, _value in self.flows:
                depth[target] = max(depth[target], depth[source] + 1)
        if depth and max(depth.values()) >= len(depth):
            raise ValueError("The flows go in a circle")
        columns: list[list[str]] = [[] for _depth in range(max(depth.values(), default=-1) + 1)]
        for name, column in depth.items():
            columns[column].append(name)
        return columns

    def _size(self, name: str) -> int:
        arriving = sum(value for _source, target, value in self.flows if target == name)
        leaving = sum(value for source, _target, value in self.flows if source == name)
        return max(arriving, leaving)

    def _x(self, column: int) -> float:
        return column * (100 - NODE_WIDTH) / max(len(self.columns) - 1, 1)


def _heads(given: Sequence[Words], *more: str) -> list[str]:
    """The heads of a table: the first is what the rows are."""
    heads = [str(head) for head in given]
    return [*heads, *more[max(len(heads) - 1, 0) :]] if heads else ["", *more]


def _fits(names: Sequence[Words], rows: Iterable[Sequence[int]]) -> None:
    if any(len(values) != len(names) for values in rows):
        raise ValueError("Every row needs one number for each name")
