"""Does a YAML file say what it seems to say, and does a mistake in it name its line?"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.local.sample.files import MistakeInFile, Model, read
from deploy.local.sample.worktime import FACTORY, WallTime


class Row(Model):
    name: str
    at: WallTime | None = None
    price: Decimal | None = None


class Table(Model):
    rows: tuple[Row, ...]


def read_text(folder: Path, text: str) -> Table:
    (folder / "table.yaml").write_text(text)
    return read(folder / "table.yaml", Table).content


def test_times_dates_and_words_stay_text_and_money_is_exact(tmp_path: Path):
    table = read_text(tmp_path, "rows:\n  - {name: 12:30, at: 2026-09-03 09:20, price: 0.10}\n  - name: yes\n")

    assert table.rows[0] == Row(name="12:30", at=datetime(2026, 9, 3, 9, 20, tzinfo=FACTORY), price=Decimal("0.10"))
    assert table.rows[1].name == "yes"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rows:\n  - name: a\n    label: b\n", "line 3, rows.0.label: nobody reads `label`"),
        ("rows:\n  - name: a\n    name: b\n", "line 3: this is not valid YAML: the key `name` is written twice"),
        ("rows:\n  - name: a\n    at: 3 September\n", "line 3, rows.0.at: Value error, write a factory-local time as"),
        ("rows:\n  - name: a\n  - price: 1\n", "line 3, rows.1.name: `name` is missing"),
        ("rows: [\n", "line 2: this is not valid YAML"),
        ("# nothing\n", "line 1: the file is empty"),
    ],
)
def test_a_mistake_names_its_line_and_key(tmp_path: Path, text: str, says: str):
    with pytest.raises(MistakeInFile) as mistake:
        read_text(tmp_path, text)

    assert str(mistake.value).startswith(f"table.yaml, {says}")
