"""What does every service keep a copy of? Roster, calendar, standards and its people's notifications, as accountability says."""

from chassis import notifications
from chassis.consumers import Consumers
from chassis.people import on_employee_registered
from chassis.reckoning import on_calendar_set, on_post_assigned, on_post_ended, on_rulebook_activated
from contracts.accountability import CalendarSet, EmployeeRegistered, PostAssigned, PostEnded, RulebookActivated


def consumers_of(service: str) -> Consumers:
    """A department's consumers, with those that all departments share."""
    consumers = Consumers(service)
    consumers.on(EmployeeRegistered)(on_employee_registered)
    consumers.on(PostAssigned)(on_post_assigned)
    consumers.on(PostEnded)(on_post_ended)
    consumers.on(CalendarSet)(on_calendar_set)
    consumers.on(RulebookActivated)(on_rulebook_activated)
    notifications.follow(consumers)
    return consumers
