"""`python -m huntlens` is the command line."""

from huntlens.cli import main

main()
