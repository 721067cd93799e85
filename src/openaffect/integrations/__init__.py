"""openaffect's benchmarks inside other people's evaluation harnesses; each adapter needs its harness installed."""
