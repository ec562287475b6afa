"""A dashboard for Apache Superset on the lake's views: a bundle to import, made by ``python -m`` of this package."""
