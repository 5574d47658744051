"""Tasks and labelled images from folders of files."""
