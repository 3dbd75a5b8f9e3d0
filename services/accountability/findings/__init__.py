"""Who found which breach of whom, on what evidence?"""
