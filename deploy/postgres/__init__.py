"""How is a database server of one's own prepared? Each service gets a role and a database that no other can enter."""
