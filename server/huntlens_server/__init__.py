"""The language server: the rim where values of the library become the editor protocol."""
