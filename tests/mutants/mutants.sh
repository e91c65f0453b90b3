#!/bin/sh
#
# mutants - each fault of mutants.def is put into a copy of src/privacy, and a test must see
# it; TAP on standard output. A fault whose place is gone fails, too: it must move along.
#
set -u
src=${top_srcdir:-$(dirname "$0")/../..}
build=${top_builddir:-$src/build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
libraries="$build/.libs/libtamis_store.a $build/.libs/libtamis_registry.a $build/.libs/libtamis_base.a"

# compile TEST: the copy of the room and the test, into $work/TEST.
compile() {
	rooms=
	[ "$1" = test_noise_exact ] || rooms=$(ls "$work"/privacy/*.c)
	wrap=
	[ "$1" = test_noise_exact ] || wrap=-Wl,--wrap=getrandom
	${CC:-cc} -D_GNU_SOURCE -O1 -w -I"$work/privacy" -I"$src/src/base" -I"$src/src" -I"$src/src/registry" \
		-I"$src/src/store" -I"$src/tests/unit" $wrap -o "$work/$1" "$src/tests/unit/$1.c" $rooms \
		$libraries -lcmocka -lsodium -lsqlite3 -lyaml ${LIBPQ_LIBS:-} -lm >"$work/log" 2>&1
}

# say VERDICT TEXT: one TAP line; what happened follows a failure.
say() {
	echo "$1 $number - $2"
	[ "$1" = ok ] || tail -n 5 "$work/log" | sed 's/^/# /'
}

number=0
while IFS= read -r line; do
	case $line in '#'* | '') continue ;; esac
	number=$((number + 1))
	name=${line%%|*} rest=${line#*|}
	file=${rest%%|*} rest=${rest#*|}
	test=${rest##*|} change=${rest%|*}
	rm -rf "$work/privacy"
	cp -r "$src/src/privacy" "$work/privacy"
	sed -i "$change" "$work/privacy/$file"
	if cmp -s "$src/src/privacy/$file" "$work/privacy/$file"; then
		echo "nothing to change in $file" >"$work/log"
		say "not ok" "$name"
	elif ! compile "$test"; then
		say "not ok" "$name: does not compile"
	elif "$work/$test" >"$work/log" 2>&1; then
		say "not ok" "$name: $test does not see it"
	else
		say ok "$name: seen by $test"
	fi
done <"$src/tests/mutants/mutants.def"
echo "1..$number"
