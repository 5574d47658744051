"""From a suite to the trials that it asks for, and the time they take."""
