import numpy as np
import torch

from ntkbook.networks import TwoLayer
from ntkbook.training import DescentTrajectory, Movement


def test_norms_loss_and_movement_are_those_of_the_rows():
    residuals, moved = np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]])
    movement = Movement(moved, np.zeros(2), TwoLayer(torch.ones(1, 3), torch.ones(3)))
    path = DescentTrajectory(
        steps=np.array([0, 7]), step_size=0.1, space="weights", residuals=residuals, tracked=movement
    )
    assert path.residual_norms.tolist() == [5, 1]
    assert path.loss.tolist() == [12.5, 0.5]
    assert path.movement.total.tolist() == [0, 3]
    assert path.network is movement.network
