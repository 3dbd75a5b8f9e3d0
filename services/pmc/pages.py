"""What do planning's and the workshop's people see? The pages of their desk, as in every department."""

from chassis.ui.pages import Pages
from services.pmc.api import desk

pages = Pages(desk)
