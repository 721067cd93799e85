"""The page that shows a run item by item: one file, no network, usable by keyboard."""
