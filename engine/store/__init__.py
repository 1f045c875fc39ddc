"""What people decided, in SQLite: one module per noun. Only the operator's processes write it."""
