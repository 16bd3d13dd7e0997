"""When deep ReLU nets generalise: margins, bounds and sample size, Cao and Gu (2019), secs. 4.1 and 4.2."""
