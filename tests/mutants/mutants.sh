#!/bin/sh
#
# mutants - each fault of mutants.def is put into a copy of src/privacy or src/intake, and a test must see
# it; TAP on standard output. A fault whose place is gone fails, too: it must move along.
#
set -u
src=${top_srcdir:-$(dirname "$0")/../..}
build=${top_builddir:-$src/build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
lib="$build/.libs/libtamis_"
low="${lib}store.a ${lib}registry.a ${lib}base.a"
high="${lib}tally.a ${lib}access.a ${lib}count.a ${lib}event.a ${lib}registry.a ${lib}base.a $build/.libs/libsanitizer_engine.a"

# compile TEST ROOM: the copy of the room and the test, into $work/TEST.
compile() {
	wrap=-Wl,--wrap=getrandom
	rooms=$(ls "$work/$2"/*.c)
	libraries=$low
	case $1 in
	test_noise_exact) rooms='' wrap='' ;;
	test_delta | test_warrant) wrap='' ;;
	test_intake) libraries="$high -lpcre2-8 ${CJSON_LIBS:--lcjson}" wrap='' ;;
	esac
	${CC:-cc} -D_GNU_SOURCE -O1 -w -I"$work/privacy" -I"$work/intake" -I"$src/src/base" -I"$src/src" \
		-I"$src/src/registry" -I"$src/src/store" -I"$src/src/tally" -I"$src/src/access" \
		-I"$src/src/count" -I"$src/src/event" -I"$src/sanitizer" -I"$src/tests/unit" $wrap \
		-o "$work/$1" "$src/tests/unit/$1.c" $rooms $libraries \
		-lcmocka -lsodium -lsqlite3 -lyaml ${LIBPQ_LIBS:-} -lm >"$work/log" 2>&1
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
	room=privacy
	[ "$test" = test_intake ] && room=intake
	rm -rf "$work/privacy" "$work/intake"
	cp -r "$src/src/privacy" "$src/src/intake" "$work"
	sed -i "$change" "$work/$room/$file"
	if cmp -s "$src/src/$room/$file" "$work/$room/$file"; then
		echo "nothing to change in $file" >"$work/log"
		say "not ok" "$name"
	elif ! compile "$test" "$room"; then
		say "not ok" "$name: does not compile"
	elif "$work/$test" >"$work/log" 2>&1; then
		say "not ok" "$name: $test does not see it"
	else
		say ok "$name: seen by $test"
	fi
done <"$src/tests/mutants/mutants.def"
echo "1..$number"
