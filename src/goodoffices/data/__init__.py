"""Package data: library cases, codebook, defaults, schemas, catalogues."""
