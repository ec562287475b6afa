"""What the local world needs besides Python: a Java and the jars that run on it."""
