"""Where does a number lead, and which command fulfils a handover?"""

from collections.abc import Iterable
from urllib.parse import quote, urlencode

from chassis.desk import Command, Desk, Shelf
from chassis.documents import Document
from chassis.listing import Duty
from chassis.people import Person
from chassis.ui.visits import Visit


def shelf_of_number(desk: Desk, no: str | None) -> Shelf | None:
    """The shelf whose documents are numbered like this; a number of another department has none here."""
    code = (no or "").partition("-")[0]
    return (
        next((shelf for shelf in desk.shelves.values() if shelf.kind.code == code), None) if "-" in (no or "") else None
    )


def shelf_named(desk: Desk, field: str) -> Shelf | None:
    """The shelf whose documents a field of this name holds the number of."""
    return next((shelf for shelf in desk.shelves.values() if shelf.reference == field), None)


def path_of(shelf: Shelf, no: str) -> str:
    """The address of a document's page."""
    return f"/{shelf.path}/{quote(no, safe='')}"


def leads_to(desk: Desk, seen: Visit, field: str, value: str) -> str | None:
    """Where a number in a field of this name leads: an order's file, or a document that we keep. Nowhere for whom it is closed."""
    if field == "order_no":
        return order_path(value) if seen.reader else None
    shelf = shelf_named(desk, field)
    return path_of(shelf, value) if shelf and shelf.sight.open_to(seen.person) else None


def order_path(order_no: str) -> str:
    """The address of everything this department keeps about an order."""
    return f"/files/{quote(order_no, safe='')}"


def place_of(desk: Desk, duty: Duty) -> str:
    """Where a click on a duty leads: its document if it is ours, else what we have of the order, else the form."""
    shelf = shelf_of_number(desk, duty.document_no) or shelf_acted_on(desk, duty)
    if shelf is not None and duty.document_no:
        return path_of(shelf, duty.document_no)
    return order_path(duty.order_no) if duty.order_no else "/"


def shelf_acted_on(desk: Desk, duty: Duty) -> Shelf | None:
    """The shelf of the documents by which a handover is fulfilled; they may bear another department's number."""
    commands = (command for command in desk.commands.values() if duty.link in command.settles and not command.creates)
    return next((desk.shelf_of(command.kind) for command in commands), None)


def number_path(desk: Desk, no: str) -> str | None:
    """The address of the document with this number, where it is kept here."""
    shelf = shelf_of_number(desk, no)
    return path_of(shelf, no) if shelf is not None else None


def command_path(command: Command, no: str | None = None, /, **prefilled: object) -> str:
    """The address of a command's form, with what is known already filled in."""
    path = f"/commands/{command.slug}" + (f"/{quote(no, safe='')}" if no else "")
    known = {name: value for name, value in prefilled.items() if value is not None}
    return f"{path}?{urlencode(known)}" if known else path


def fulfilling(desk: Desk, duty: Duty, person: Person) -> Command | None:
    """What this person can do to fulfil a handover, where a command of this desk says that it does."""
    settling = (command for command in desk.commands.values() if duty.link in command.settles)
    return next((command for command in settling if person.holds(command.posts)), None)


def hindering(desk: Desk, duty: Duty, person: Person) -> str | None:
    """The form in which this person reports what hinders an open handover, where they hold the post for which it waits."""
    command = desk.commands.get("report_hindrance")
    if command is None or duty.closed_at is not None or not person.holds({duty.post} & command.posts):
        return None
    return command_path(command, handovers=duty.name)


def beginning_of(desk: Desk, command: Command, duty: Duty) -> str:
    """The form that fulfils a handover with a new document; it names the paper that another department sent."""
    known: dict[str, object] = {"order_no": duty.order_no, "line_no": duty.line_no}
    demanded = [
        name
        for name, field in command.form.model_fields.items()
        if field.is_required() and field.annotation is str and name not in known and shelf_named(desk, name) is None
    ]
    if demanded and shelf_of_number(desk, duty.document_no) is None:
        known[demanded[0]] = duty.document_no
    return command_path(command, **known)


def owed_by(duty: Duty, person: Person) -> bool:
    """Whether this person owes the handover: by name, or as a holder of the post where nobody is named."""
    if duty.assignee is not None:
        return duty.assignee == person.employee
    return person.holds({duty.post})


def starting_from(desk: Desk, document: Document, person: Person) -> list[Command]:
    """Which new documents this person may begin from this one: those whose form asks for its number."""
    reference = desk.shelf_of(type(document)).reference
    return [
        command
        for command in desk.commands.values()
        if command.creates and reference in command.form.model_fields and command.open_to(person)
    ]


def allowed(commands: Iterable[Command], person: Person) -> list[Command]:
    """Those of the commands that one of this person's posts may carry out, or that are this person's own."""
    return [command for command in commands if command.open_to(person)]


def own_page(address: str) -> str:
    """Only a path of this service is gone back to, whatever the address bar said."""
    local = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if local else "/"
