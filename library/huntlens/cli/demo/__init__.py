"""The demo: a made-up intrusion, and a notebook that hunts it."""
