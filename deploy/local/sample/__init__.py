"""Who works in the sample factory, what does it make, and what happened there in September and October 2026?"""
