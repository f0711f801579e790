"""Brings what identifies a person into canonical forms: names, e-mails, phones, companies and others.

Everything here depends on the text of the cells alone: no clock, no network, no randomness. So the same
person gets the same identity each time, and the ledger does not pay for anybody twice.
"""
