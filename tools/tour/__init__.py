"""The tour: one whole exchange, performed through the real application over HTTP and printed step by step."""
