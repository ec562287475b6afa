"""Session folding."""
