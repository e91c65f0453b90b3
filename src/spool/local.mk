# src/spool - nothing to build yet.
