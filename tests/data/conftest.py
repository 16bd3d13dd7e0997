"""A machine with an empty home, no NTKBOOK_DATA and no network."""

import socket

import platformdirs
import pytest


@pytest.fixture(autouse=True)
def cache_dir(tmp_path, monkeypatch):
    """An empty home, no NTKBOOK_DATA, and sockets that raise; returns where the cache would be."""
    cache = tmp_path / "cache"
    monkeypatch.delenv("NTKBOOK_DATA", raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(cache / name))

    def no_network(*args, **kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    return cache / "ntkbook"


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    """An empty folder that NTKBOOK_DATA names."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("NTKBOOK_DATA", str(folder))
    return folder
