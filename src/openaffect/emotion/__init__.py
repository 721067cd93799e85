"""What the field argues about: labels of emotion and the words that carry them.  Standard library only."""
