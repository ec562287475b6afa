"""A Kubernetes cluster of one node for tests, on which pods really run."""
