"""What do the departments say to each other? Every fact is declared here once, in its publisher's file."""
