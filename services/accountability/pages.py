"""What do HR and the general manager see? The pages of their desk, as in every department."""

from chassis.ui.pages import Pages
from services.accountability.api import desk

pages = Pages(desk)
