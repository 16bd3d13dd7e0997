"""How fast gradient descent fits true, random and worst-case labels: Arora et al. (2019), sec. 3 and 4."""
