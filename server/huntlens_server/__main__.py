"""`python -m huntlens_server`."""

from huntlens_server.cli import main

main()
