"""Sales 业务部: the customer's order, its promises, its shipping notices and its complaints."""
