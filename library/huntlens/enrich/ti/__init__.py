"""Services of threat intelligence, one module each; see `huntlens.enrich.service` for what a service is."""
