"""Does an export hold what the judge signed that it holds: these facts, these files, for this question, and nothing else?"""

import contextlib

from chassis.signing import is_signed_by
from services.accountability.proof.chains import left_out
from services.accountability.proof.differences import Difference, How
from services.accountability.proof.outline import JUDGE
from services.accountability.proof.packing import FILES, MANIFEST, Export, Manifest, places
from services.accountability.proof.seals import Doubt, Trusted
from services.accountability.proof.statements import Checkpoint, Contents

UNSIGNED = (
    "This export is from before exports were signed as a whole. So nothing here shows whether facts were left out that are not the "
    "orders' own facts from the departments (findings, appeals, what excuses), whether orders or days were left out, or whether "
    "anybody has changed since what it says the system said."
)


def read(export: Export, trusted: Trusted) -> Contents | None:
    """What was signed; None for an export without. Raises Doubt where it does not bear the judge's signature."""
    signed = export.contents
    if signed is None:
        return None
    if not is_signed_by(trusted.key(JUDGE, signed.key), signed):
        raise Doubt("What this export holds does not bear the judge's signature.")
    try:
        return signed.read()
    except ValueError:
        raise Doubt("What this export holds is signed and cannot be read.") from None


def first_fact_that_differs(export: Export, trusted: Trusted, end: int) -> Difference | None:
    """The first fact that is not there in full and was signed to be, or the other way round."""
    wanted, given = None, {body.position for body in export.bodies}
    with contextlib.suppress(Doubt, ValueError):
        contents = read(export, trusted)
        if contents is not None and contents.files.get(MANIFEST) == export.files.get(MANIFEST):
            wanted = set(places(export.manifest.facts, end))
    if wanted is None or wanted == given:
        return None
    position = min(wanted ^ given)
    if position in given:
        return Difference(position, How.INSERTED, "this fact is given in full, and was not part of the export")
    return left_out(position, given, "a fact that was part of the export is not there")


def unlike(export: Export, last: Checkpoint, trusted: Trusted) -> Difference | None:
    """The first file that is not the one that was signed; raises Doubt where nothing is signed, or for another question."""
    for name in sorted(export.files.keys() - FILES):
        return Difference(None, How.INSERTED, f"{name} is no part of an export")
    contents = read(export, trusted)
    if contents is None:
        if last.exports_signed or export.manifest.is_signed:
            raise Doubt("What this export holds was signed by the judge, and that signature is not there.")
        return None
    for name in sorted({*contents.files, *export.files}):
        if name not in contents.files:
            return Difference(None, How.INSERTED, f"{name} was not part of the export")
        if name not in export.files:
            return Difference(None, How.DROPPED, f"{name} was part of the export")
        if contents.files[name] != export.files[name]:
            return Difference(None, How.CHANGED, f"{name} is not the file that was signed")
    answers(export.manifest, contents)
    return None


def answers(manifest: Manifest, contents: Contents) -> None:
    """Raises Doubt where the export is not what was asked for, as that was written down before anything was read."""
    asked = manifest.asked
    question = {"person": asked.person, "since": asked.since, "until": asked.until}
    if asked.person is None and asked.since is None:
        question["order"] = " ".join(asked.orders)
    if {name: value for name, value in question.items() if value is not None} != contents.asked:
        raise Doubt("This export was made for another question than the one that was written down.")
    if manifest.asked_by != contents.asked_by:
        raise Doubt(f"{contents.asked_by} asked for this export, and it says {manifest.asked_by}.")


def made_in_between(manifest: Manifest, last: Checkpoint, contents: Contents | None) -> None:
    """Raises Doubt where the export is dated before the checkpoint on which it rests, or after it was signed.

    Not by when it was asked for: that is in real time, and these are by the factory's clock.
    """
    if manifest.made_at < last.made_at:
        raise Doubt(f"The export is said to be of {manifest.made_at}, and rests on what was signed at {last.made_at}.")
    if contents is not None and manifest.made_at > contents.signed_at:
        raise Doubt(f"The export is said to be of {manifest.made_at}, and was signed at {contents.signed_at}.")


def told(contents: Contents | None) -> str:
    if contents is None:
        return UNSIGNED
    return (
        f"The judge signed what this export holds, file by file (export {contents.export}); nothing was left out, added or changed "
        "since."
    )
