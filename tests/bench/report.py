"""How are the figures of a benchmark shown: as a table with ratios for people, as one JSON file for programs?"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `aim` is what it should reach, as an upper bound where `less_is_better`."""

    group: str
    name: str
    value: float
    unit: str
    aim: float | None = None
    less_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How far beyond its aim; 1 is just there."""
        if not self.aim or not self.value:
            return None
        return self.aim / self.value if self.less_is_better else self.value / self.aim

    def __str__(self) -> str:
        return f"{self.group}: {self.name} {plain(self.value)} {self.unit}"


@dataclass
class Report:
    """Everything one run measured, and on which machine."""

    machine: dict[str, str | int | float]
    figures: list[Figure]

    def value(self, name: str) -> float:
        return next(figure.value for figure in self.figures if figure.name == name)

    def write(self, file: Path) -> None:
        figures = [{**asdict(figure), "ratio": figure.ratio} for figure in self.figures]
        file.write_text(json.dumps({"machine": self.machine, "figures": figures}, indent=2) + "\n")

    def show(self, console: Console) -> None:
        table = Table(title=" · ".join(f"{name} {value}" for name, value in self.machine.items()))
        for heading, side in (
            ("", "left"),
            ("", "left"),
            ("", "right"),
            ("", "left"),
            ("aim", "right"),
            ("×", "right"),
        ):
            table.add_column(heading, justify=side, no_wrap=True)  # type: ignore[arg-type]
        for number, figure in enumerate(self.figures):
            first = number == 0 or self.figures[number - 1].group != figure.group
            if first and number:
                table.add_section()
            table.add_row(*cells(figure, first=first))
        console.print(table)


def cells(figure: Figure, *, first: bool) -> Sequence[str]:
    aim = "" if figure.aim is None else f"{'≤' if figure.less_is_better else '≥'} {figure.aim:,g}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    return (figure.group if first else "", figure.name, plain(figure.value), figure.unit, aim, ratio)


def plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"
