#!/bin/sh
#
# baseline - the ABI of one of the build's libraries as text, to standard output.
#
#	baseline.sh libsanitizer | libtamis
#
# Run in the build directory, its output is to become tests/abi/LIBRARY.abi where the ABI
# was changed on purpose, and with each release. Types that are not in the public header
# are left out: they may change.
set -eu
src=${top_srcdir:-$(dirname "$0")/../..}
case $1 in
libsanitizer) folder=sanitizer header=sanitizer.h ;;
libtamis) folder=src header=libtamis.h ;;
*) exit 64 ;;
esac
public=$(mktemp -d)
trap 'rm -r "$public"' EXIT
cp "$src/$folder/$header" "$public"
abidw --headers-dir "$public" --drop-private-types --drop-undefined-syms --no-corpus-path \
	--no-comp-dir-path --no-show-locs --no-elf-needed --type-id-style hash ".libs/$1.so.1" |
	sed "s| path='[^']*/$folder/| path='$folder/|; s| filepath='[^']*'||"
