# tests - nothing to build yet.
