"""What SQL cannot say, done in Python over the rows of a statement; one module an operator."""
