"""Verify exported evidence: does it hang together, is it signed by those whom you know, and does it lead to the same records?

Needs no database, no broker and no network. Exit code 0: everything fits; 1: something does not; 2: it could not be read.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.accountability.proof.differences import Difference
from services.accountability.proof.packing import Export, NotAnExport, exactly, read
from services.accountability.proof.progress import Progress
from services.accountability.proof.seals import Vouched
from services.accountability.proof.statements import SignedCheckpoint
from services.accountability.proof.verifying import Report, verify

FINGERPRINT = re.compile(r"^([a-z_]+)=([0-9a-f]{64})$")
BARE = re.compile(r"^[0-9a-f]{64}$")
DIFFERS, UNREADABLE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    options = read_arguments(arguments)
    try:
        export = read(options.file)
        kept = [line for file in options.kept for line in read_kept(file)]
        report = verify(export, set(options.fingerprint), kept, Progress("followed"), options.unsigned)
    except NotAnExport as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's answer to a person
        return UNREADABLE
    print("\n".join(told(export, report)))  # noqa: T201
    return 0 if report.passed else DIFFERS


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./handover verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.zip")
    parser.add_argument(
        "--fingerprint",
        nargs="+",
        required=True,
        type=fingerprint,
        action="extend",
        metavar="SERVICE=HEX",
        help="each department's key, known to you from elsewhere than the file; every one that you give must have signed",
    )
    parser.add_argument(
        "--kept",
        nargs="+",
        default=[],
        type=Path,
        action="extend",
        metavar="FILE",
        help="checkpoints that somebody outside has kept, one a line as `./handover evidence checkpoint` prints them",
    )
    parser.add_argument(
        "--unsigned",
        nargs="+",
        default=[],
        action="extend",
        metavar="SERVICE",
        help="departments that were restored from a backup or retired, as you know, so that not every fact of theirs is signed",
    )
    return parser.parse_args(arguments)


def fingerprint(text: str) -> Vouched:
    """Whose key it is has to be said: whoever has one department's key could otherwise speak for all."""
    if BARE.match(text.lower()):
        raise argparse.ArgumentTypeError(
            f"whose key is {text}? A key counts for one department: write it as sales={text}"
        )
    found = FINGERPRINT.match(text.lower())
    if not found:
        raise argparse.ArgumentTypeError(f"{text} is no fingerprint; write SERVICE=HEX, with 64 hexadecimal digits")
    return found[1], found[2]


def read_kept(file: Path) -> list[SignedCheckpoint]:
    """Raises NotAnExport."""
    try:
        return [exactly(SignedCheckpoint, line) for line in file.read_text().splitlines() if line.strip()]
    except (OSError, ValueError, TypeError, AttributeError, NotAnExport) as error:
        raise NotAnExport(f"{file} holds no checkpoints: {str(error).splitlines()[0]}") from None


def told(export: Export, report: Report) -> Iterator[str]:
    """The whole answer in plain words, the verdict last."""
    yield f"Exported {export.manifest.made_at:%Y-%m-%d %H:%M %Z} by {export.manifest.asked_by}: {subject(export)}"
    yield from (f"  ✓ {sentence}" for sentence in report.checked)
    yield from (f"  · {sentence}" for sentence in report.remarks)
    if report.passed:
        yield "PASS: this is what was signed, and it leads to these records."
    elif report.difference:
        yield f"FAIL: {difference(report.difference)}"
    else:
        yield f"FAIL: {report.doubt}"


def subject(export: Export) -> str:
    asked = export.manifest.asked
    orders = f"{len(asked.orders)} orders" if len(asked.orders) > 3 else ", ".join(asked.orders) or "no order"
    if asked.person:
        return f"the records of {asked.person} ({orders})"
    return f"{orders} from {asked.since} to {asked.until}" if asked.since else orders


def difference(found: Difference) -> str:
    if found.position is None:
        return f"{found.how}: {found.what}."
    if found.since is not None:
        first, last = found.since + 1, found.position
        return f"between positions {first} and {last} of the ledger something was {found.how}: {found.what}."
    return f"position {found.position} of the ledger was {found.how}: {found.what}."


if __name__ == "__main__":
    sys.exit(main())
