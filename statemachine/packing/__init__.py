"""Turns the code and the resources into what CloudFormation takes: archives and templates."""
