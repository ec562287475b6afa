"""The Kubernetes API server as a world: the only place that talks to it by the Kubernetes client."""
