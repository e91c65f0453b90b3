#!/bin/sh
#
# valgrind - unit tests of every room once more under memcheck: reads of what was never
# written, which ASan does not see, and leaks. TAP on standard output.
set -u
build=${top_builddir:-.}
number=0

if ! command -v valgrind >/dev/null; then
	echo "1..0 # SKIP valgrind is not installed"
	exit 0
fi
for test in test_sanitizer test_names test_apikey test_rules test_frame test_json test_url test_text \
	test_event_parse test_identity test_buf test_arena test_config test_batch test_counters \
	test_limit; do
	number=$((number + 1))
	if "$build/libtool" --mode=execute valgrind -q --error-exitcode=99 --child-silent-after-fork=yes --leak-check=full \
		--errors-for-leak-kinds=definite "$build/tests/unit/$test" >"$build/valgrind-$test.txt" 2>&1; then
		echo "ok $number - $test"
		rm -f "$build/valgrind-$test.txt"
	else
		echo "not ok $number - $test"
		sed 's/^/# /' "$build/valgrind-$test.txt" | tail -n 60
	fi
done
echo "1..$number"
