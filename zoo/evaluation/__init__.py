"""Published weights as they are, tested on labelled images."""
