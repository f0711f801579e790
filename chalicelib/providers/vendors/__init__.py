"""Holds one module for each vendor that is written in code."""
