"""What others know of an indicator: services of threat intelligence, asked for many values at once."""
