"""Cameras that see simulated cars, or cars recorded earlier."""
