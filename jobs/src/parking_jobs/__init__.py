"""Jobs that turn the platform's raw topics into tables."""
