"""Sources of data, one module each; see `huntlens.providers.source` for what a source is."""
