"""Figures of the chapter on three layers that show Algorithm 1, from the record alone."""
