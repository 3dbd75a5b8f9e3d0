"""What do the warehouse's people see? The pages of their desk, as in every department."""

from chassis.ui.pages import Pages
from services.warehouse.api import desk

pages = Pages(desk)
