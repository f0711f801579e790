"""Tells receivers that a job has ended: a signature, and one POST to the public internet."""
