"""The committed records are those of the profiles as they are now."""

import json
from dataclasses import asdict

import pytest

from ntkbook import experiments, records


@pytest.mark.parametrize("path", sorted(records.RESULTS.glob("*.nc")), ids=lambda path: path.stem)
def test_committed_record_was_made_with_the_settings_of_its_profile(path):
    attributes = records.load(path).attrs
    config = experiments.get(attributes["experiment"]).PROFILES[attributes["profile"]]
    assert json.loads(attributes["config"]) == json.loads(json.dumps(asdict(config)))
