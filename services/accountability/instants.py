from chassis.instants import *  # noqa: F403
