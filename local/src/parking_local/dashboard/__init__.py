"""Building the dashboard of a checkout into its gateway."""
