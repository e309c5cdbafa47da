"""Kinds of documents, one a file."""
