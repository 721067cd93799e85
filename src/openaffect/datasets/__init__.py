"""One corpus a file: rows on disk become `openaffect.records.Sample`, with every annotator's view."""
