"""Editor services over a text and an offset; they answer in the plain values of `values.py`."""
