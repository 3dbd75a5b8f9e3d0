"""What do Purchasing's people see? The pages of their desk, as in every department."""

from chassis.ui.pages import Pages
from services.purchasing.api import desk

pages = Pages(desk)
