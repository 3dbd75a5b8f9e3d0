"""Planning and workshop 计划与车间: reviews, material lists, production, shipments, and every complaint to its end."""
