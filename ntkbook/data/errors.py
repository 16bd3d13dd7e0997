"""The error for data that is not there."""


class DataNotFoundError(FileNotFoundError):
    """No source has the data set that was asked for; the message says how to provide it."""
