"""Figures of the chapter on three layers that show learners and targets, from the record alone."""
