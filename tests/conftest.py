"""Puts this folder on the import path, so that every test finds `reference` and `fake_device`.

One thread: the tensors are small, and on a busy machine threads that wait for each other slow the suite tenfold.
"""

import hypothesis
import torch

torch.set_num_threads(1)

hypothesis.settings.register_profile("ntkbook", deadline=None)  # a busy machine is not a failure
hypothesis.settings.load_profile("ntkbook")
