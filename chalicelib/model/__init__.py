"""Defines jobs, contacts, options and errors, without any knowledge of AWS or HTTP."""
