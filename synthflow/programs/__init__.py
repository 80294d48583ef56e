"""The whole: a graph with its training, saving and export."""
