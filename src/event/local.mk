# src/event - nothing to build yet.
