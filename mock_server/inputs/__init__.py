"""What a request says, read and validated as any OpenAPI document has it, in every style and form."""
