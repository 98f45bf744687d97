"""What a request says, read and validated as any OpenAPI document has it: parameters of every style, bodies of every form."""
