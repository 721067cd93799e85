"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# The machine that runs the tests may be shared and slow: no deadlines; the same examples in every run.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("house")
