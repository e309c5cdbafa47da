"""Widgets for a live kernel; everything else works without them."""
