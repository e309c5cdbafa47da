"""Query packs and table schemas: data only, found through the entry point `huntlens.packs`."""
