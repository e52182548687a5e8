"""Human review: cases that machines cannot decide, who works on them, and what people ruled."""
