"""Greets each guest by name and place in the queue."""
