"""What do Sales' people see? The pages of their desk, as in every department."""

from chassis.ui.pages import Pages
from services.sales.api import desk

pages = Pages(desk)
