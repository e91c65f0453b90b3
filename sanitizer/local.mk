# sanitizer - nothing to build yet.
