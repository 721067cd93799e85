"""Settings of all tests."""

import os

import pytest
from hypothesis import HealthCheck, settings

# The machine that runs the tests may be shared and slow: no deadlines; the same examples in every run.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("house")

MAY_SKIP = "needs_reference_data"
_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped without the marker that names what is absent."""
    if report.skipped and not hasattr(report, "wasxfail") and MAY_SKIP not in report.keywords:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On CI a skipped test is a failure, unless it waits for reference data."""
    if _skipped and os.environ.get("CI"):
        print(f"\nskipped on CI without the marker {MAY_SKIP}:", *_skipped, sep="\n  ")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
