"""Experiments: a folder each, with the same rooms; frozen settings in, a record out, and the claims it decides."""
