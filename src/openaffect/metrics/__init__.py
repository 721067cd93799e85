"""Figures about figures: numpy functions without state."""
