"""Which post leads which department, and which posts may see what is held against anybody?"""

from collections.abc import Mapping

MANAGERS: Mapping[str, str] = {
    "sales": "sales_manager",
    "engineering": "engineering_manager",
    "pmc": "pmc_manager",
    "purchasing": "purchasing_manager",
    "quality": "quality_manager",
    "warehouse": "warehouse_manager",
    "accountability": "general_manager",
}
"""Who leads a department, sees what is held against its people, and answers for what it did."""

SEE_ALL = frozenset({"hr", "general_manager"})
