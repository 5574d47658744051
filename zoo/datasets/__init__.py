"""Published data sets by name, as torchvision reads them from a folder."""
