"""Accountability 责任中心: every fact of the company, who owed what to whom by when, and what came of it."""
