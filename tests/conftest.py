"""What tests want to say goes to the end of the run's output."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The property "said" of every test that has one."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", []):
                if name == "said" and getattr(report, "when", "") == "call":
                    terminalreporter.write_line(str(value))
