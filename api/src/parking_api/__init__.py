"""The gateway: the lot live and its history, over REST and Socket.IO."""
