"""Claims that the experiment `clustered_data` decides: S01 to S12, with what was expected before it was run."""

from ntkbook.claims import Claim
from ntkbook.experiments import clustered_checks as checks

CLAIMS = (
    Claim(
        "S01",
        checks.check_s01,
        "(A1), (A2) hold on the separated mixture and on lifted XOR discs of radius 0.02, and these are learned; "
        "the planar XOR discs are not, as the net has no bias",
        "lambda <= 1/(8 l) and norms 1 to 1e-9 on both; "
        "every net on the lifted discs at 99.9 %, none on the planar ones at 99 %",
    ),
    Claim(
        "S02",
        checks.check_s02,
        "steps to 95 % and 99 % accuracy the same at every width when eta = 10 / m",
        "means over seeds within a factor 1.5 over all widths; every net at 99 % in the end",
    ),
    Claim(
        "S03",
        checks.check_s03,
        "accuracy goes to 100 %, flipped patterns and relative distance below 0.1, 20 singular values much larger",
        "at every width, means over seeds: accuracy >= 0.995, both below 0.1, "
        "singular value k l at least twice the next",
    ),
    Claim(
        "S04",
        checks.check_s04,
        "MNIST: as on the synthetic data, less significant, and more so with more neurons",
        "at the printed step size: accuracy >= 0.9; flips and distance fall with every width and are below 0.1 at the "
        "largest, else only asymptotic; leading 20 singular values hold over twice the share they hold at the start",
    ),
    Claim(
        "S05",
        checks.check_s05,
        "share of coupled neurons at least 1 - e tau k l / sigma with tau = eta t; vacuous from step 1 at eta = 10 / m",
        "no recorded step and seed below the bound at eta = 0.01 / m, t <= 100, where it must be positive",
    ),
    Claim(
        "S06",
        checks.check_s06,
        "a share delta / (2 k l) of the neurons has a pseudo-gradient of norm v delta / (k l) or more",
        "none: every recorded step, every error array, every pair of points",
    ),
    Claim(
        "S07",
        checks.check_s07,
        "largest gap between f and g falls with m",
        "slope <= -0.25; gap at most a tenth of the largest output at the largest width, else only asymptotic",
    ),
    Claim(
        "S08",
        checks.check_s08,
        "the update has a gap after singular value k l, the final weights have none",
        "widest gap among the first 2 k l at k l for every width, ratio >= 2; of the final weights <= 1.1 at the "
        "largest width; at k l in every net where k or l varies, else only asymptotic",
    ),
    Claim(
        "S09",
        checks.check_s09,
        "distance and flips after T steps grow with sigma, k and l",
        "means over seeds grow strictly along each of the three sweeps",
    ),
    Claim(
        "S10",
        checks.check_s10,
        "the net that learns true labels also fits random ones, and moves further for them",
        "every net fits 99 %; for random labels distance and flips larger in every seed, test accuracy <= 0.2; "
        "for true ones >= 0.99",
    ),
    Claim(
        "S11",
        checks.check_s11,
        "distance and flips fall like m^-1/2 on the synthetic data, and fall on MNIST",
        "synthetic slopes in -0.5 +- 0.15; on MNIST lower with every width, at both step sizes",
    ),
    Claim(
        "S12",
        checks.check_s12,
        "steps to 95 % and 99 % accuracy the same in every dimension at fixed delta, k, l",
        "means over seeds within a factor 1.5 over all d on the separated mixture; every net at 99 % in the end",
    ),
)
