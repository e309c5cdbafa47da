"""Requests, one a file; each names one `Feature` in `__all__`."""
