"""Commands of ``genre-train`` that have a module of their own."""
