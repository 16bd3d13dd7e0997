"""Deep ReLU nets close to their start: Cao and Gu (2019), the gradient, the movement, and how linear the net is."""
