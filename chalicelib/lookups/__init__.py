"""Asks providers for what rows lack, so that each person is paid for at most once."""
