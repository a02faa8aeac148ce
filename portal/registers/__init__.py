"""The registers around the documents: Member States and visits."""
