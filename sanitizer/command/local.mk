# sanitizer/command - nothing to build yet.
