"""Backbone Zoo: pretrained image backbones, measured."""
