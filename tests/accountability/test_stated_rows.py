"""Whoever has the judge's signature for whatever they like puts something beside the genuine rows: it is found, and named."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import orjson
import pytest

from services.accountability.proof import packing
from services.accountability.proof.packing import CONTENTS, NotAnExport
from services.accountability.proof.statements import SignedContents
from services.accountability.proof.verifying import Report, verify
from tests.accountability.proving import Proof

WORSE = {"person": "E-002", "clause": "PUR-05", "sanction": "dismissal"}


def with_said(proof: Proof, **tables: Any) -> Report:
    return proof.signed_anew(replace(proof.order, said={**proof.order.said, **tables}))


def test_a_record_that_is_there_twice_is_found_whichever_comes_first(proof: Proof) -> None:
    first, *rest = proof.order.said["records"]
    another = {**first, **WORSE}
    for forged in ([another, first, *rest], [first, *rest, another], [{**another, "no": "PEN-X"}, first, *rest]):
        assert "is there twice" in with_said(proof, records=forged).doubt
    numbered = {**first, "no": rest[0]["no"]}
    assert f"Record {numbered['no']} is there twice" in with_said(proof, records=[numbered, *rest]).doubt


def test_a_suspicion_or_a_reason_that_is_there_twice_is_found(proof: Proof) -> None:
    (missed, *others) = proof.order.said["missed_dates"]
    assert "is there twice" in with_said(proof, missed_dates=[{**missed, "body": {}}, missed, *others]).doubt
    doubt = {"key": "PUR-06/SO-1", "revision": 1, "clause": "PUR-06", "order_no": "SO-1", "reason": "x"}
    suspicion = {**doubt, "cleared_because": None, "breaches": [], "evidence": []}
    assert "is there twice" in with_said(proof, suspicions=[suspicion, suspicion]).doubt


def test_a_table_or_a_column_that_no_export_has_is_found(proof: Proof) -> None:
    records = proof.order.said["records"]
    assert "tables that no export has: dismissals" in with_said(proof, dismissals=[WORSE]).doubt
    noted = [{**row, "remark": "guilty"} for row in records]
    assert "columns in records that no export has: remark" in with_said(proof, records=noted).doubt


@pytest.mark.parametrize("column", ["status", "escalated_to", "withdrawn_because", "made_at"])
def test_what_every_export_says_of_a_record_cannot_be_left_out(proof: Proof, column: str) -> None:
    rows = [{name: row[name] for name in row if name != column} for row in proof.order.said["records"]]

    assert f"lacks columns in records that every export has: {column}" in with_said(proof, records=rows).doubt


def rewritten(proof: Proof, **changed: bytes) -> Report:
    """An export whose files are these bytes, signed anew."""
    assert proof.order.contents is not None
    files = packing.texts(proof.order) | {name.replace("_", ".", 1): text for name, text in changed.items()}
    said = proof.order.contents.read().model_copy(update={"files": packing.digests(files)})
    file = BytesIO()
    packing.write(proof.order, file)
    with zipfile.ZipFile(file) as archive:
        outline = archive.read(packing.OUTLINE)
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        signed = proof.judge.seal(said.canonical(), SignedContents).model_dump_json().encode()
        for name, text in {**files, packing.OUTLINE: outline, CONTENTS: signed}.items():
            archive.writestr(name, text)
    return verify(packing.read(file), proof.fingerprints)


def test_a_file_that_no_export_has_is_found_also_where_it_is_signed(proof: Proof) -> None:
    assert rewritten(proof).passed
    difference = rewritten(proof, findings_txt=b"E-002 is guilty.").difference
    assert difference
    assert difference.what == "findings.txt is no part of an export"


def test_a_name_that_is_there_twice_in_one_file_is_refused(proof: Proof) -> None:
    """The verifier would read the last; whoever opens the file reads the first."""
    genuine = orjson.dumps(proof.order.said)
    forged = orjson.dumps({"records": [WORSE]})[:-1] + b"," + genuine[1:]
    assert orjson.loads(forged) == proof.order.said

    with pytest.raises(NotAnExport, match="says twice what records is"):
        rewritten(proof, records_json=forged)
