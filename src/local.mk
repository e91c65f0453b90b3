# src - nothing to build yet.
