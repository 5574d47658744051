"""Files of weights over the network."""
