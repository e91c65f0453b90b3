# src/count - nothing to build yet.
