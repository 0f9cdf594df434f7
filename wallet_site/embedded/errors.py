"""What stands in the way of a start."""


class CannotStart(Exception):
    """One clear line for whoever ran the command; nobody needs a traceback to act on it."""
