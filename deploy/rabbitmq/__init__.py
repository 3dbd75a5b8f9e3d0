"""How is the broker set up? One place declares it; services only use what is there."""
