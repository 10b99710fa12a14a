from humanize import ordinal


def greet(name, place, guests):
    """One line for the guest at `place` (counted from 1) of `guests`."""
    return "Hello {}, you are the {} of {}.".format(name, ordinal(place), guests)
