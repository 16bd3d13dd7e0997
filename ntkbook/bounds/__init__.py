"""Right-hand sides of the papers' inequalities, a module a paper."""
