"""Figure 1 of Arora et al. (2019), trained to the end of its axis."""
