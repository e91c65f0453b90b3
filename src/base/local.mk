# src/base - nothing to build yet.
