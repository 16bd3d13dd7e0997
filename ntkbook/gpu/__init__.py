"""One command for a machine with a GPU: what the package computes there, checked, timed and recorded.

`python -m ntkbook.gpu` needs torch, numpy, scipy and xarray only, and runs from a plain copy of the source tree.
"""
