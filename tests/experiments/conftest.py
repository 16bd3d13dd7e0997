import platformdirs
import pytest


@pytest.fixture(autouse=True)
def data_dir(tmp_path_factory, monkeypatch):
    """An empty cache, and an empty folder that NTKBOOK_DATA does not name yet."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "data"
    folder.mkdir()
    monkeypatch.delenv("NTKBOOK_DATA", raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(home / "cache" / name))
    return folder
