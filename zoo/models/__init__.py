"""From specs and files to modules: built, loaded, with the head that was asked for."""
