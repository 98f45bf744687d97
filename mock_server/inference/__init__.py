"""What a plain document means: lists, pages, identity, filters, writes and errors by rules, as an OpenAPI Overlay."""
