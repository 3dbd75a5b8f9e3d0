"""Who does planning's and the workshop's work? The posts of its commands."""

PLANNING = frozenset({"planner"})
MATERIAL = frozenset({"planner", "material_controller"})
DIRECTING = frozenset({"workshop_director"})
TEAMS = frozenset({"team_leader"})
WORKSHOP = DIRECTING | TEAMS
EVERYBODY = MATERIAL | WORKSHOP | {"pmc_manager"}
LEADING = PLANNING | DIRECTING | {"pmc_manager"}
OWNER = frozenset({"general_manager"})
