"""How do a department's people see their desk? Worklist, lists, documents and forms, the same in all seven."""
