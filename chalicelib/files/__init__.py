"""Reads lists into rows and writes enriched rows into files."""
