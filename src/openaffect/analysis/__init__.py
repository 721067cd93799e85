"""Media to clues to reasoning to report."""
