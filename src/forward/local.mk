# src/forward - nothing to build yet.
