"""The HTML report: one file, no network, usable by keyboard."""
