"""What the complexity of labels says about a trained net's test error: Arora et al. (2019), sec. 5."""
