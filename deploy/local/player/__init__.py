"""How does a written story become what people do, at the time they do it, through the services' own HTTP interfaces?"""
