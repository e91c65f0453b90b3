# cgi - nothing to build yet.
