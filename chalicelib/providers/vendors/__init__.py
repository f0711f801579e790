"""Asks vendors through code: one module for each vendor."""
