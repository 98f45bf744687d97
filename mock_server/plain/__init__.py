"""A plain document brought to life: its inferred operations compiled over collections that are sampled when asked."""
