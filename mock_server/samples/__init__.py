"""Values of any JSON Schema, made from a seed: valid, by the names of fields where nothing else speaks."""
