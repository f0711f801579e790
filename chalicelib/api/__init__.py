"""Answers the routes: requests in, jobs started and described."""
