"""What do Engineering's people see? The pages of their desk, as in every department."""

from chassis.ui.pages import Pages
from services.engineering.api import desk

pages = Pages(desk)
