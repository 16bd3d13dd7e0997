"""Speed and memory against peers and against the work that cannot be avoided: `make bench`, or one script alone."""
