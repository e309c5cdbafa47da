"""Plots: one file each, named as its function; `df.hunt.<plot>()` finds them by themselves."""
