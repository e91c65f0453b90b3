#!/bin/sh
#
# baseline - the ABI of the build's libsanitizer as text, to standard output.
#
# Run in the build directory, its output is to become tests/abi/libsanitizer.abi where
# the ABI was changed on purpose, and with each release. Types that are not in the
# public header are left out: they may change.
set -eu
src=${top_srcdir:-$(dirname "$0")/../..}
public=$(mktemp -d)
trap 'rm -r "$public"' EXIT
cp "$src/sanitizer/sanitizer.h" "$public"
abidw --headers-dir "$public" --drop-private-types --drop-undefined-syms --no-corpus-path \
	--no-comp-dir-path --no-show-locs --no-elf-needed --type-id-style hash .libs/libsanitizer.so.1 |
	sed "s| path='[^']*/sanitizer/| path='sanitizer/|; s| filepath='[^']*'||"
