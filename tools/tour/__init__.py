"""The tour: one whole exchange in each direction, performed through the real application over HTTP and printed step by step."""
