"""What three layers learn that kernels do not, and what they do not: Allen-Zhu, Li and Liang (2019), fig. 1, sec. 4."""
