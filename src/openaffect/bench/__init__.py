"""data set → predictions → scores."""
