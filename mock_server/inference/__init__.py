"""What a plain document means: rules that find lists, pages, identity, filters, writes and errors, as an OpenAPI Overlay."""
