"""Vehicles that drive to the lot: what they report on their way, and how they park when they are there."""
