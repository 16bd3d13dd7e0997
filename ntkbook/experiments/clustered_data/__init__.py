"""SGD on clustered data, close to its start: Li and Liang (2018)."""
