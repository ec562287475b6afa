"""Reconciles a ParkingLot: observe, render, apply, prune, judge, report."""
