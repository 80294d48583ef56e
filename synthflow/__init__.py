"""synthflow trains programs the way Keras trains networks: the weights are JSON a person can read."""
