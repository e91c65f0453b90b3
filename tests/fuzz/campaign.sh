#!/bin/sh
#
# campaign - every fuzzer of a build with --enable-fuzzing, one after the other.
#
#   tests/fuzz/campaign.sh SECONDS [NAME...]     in the build directory; default: all
#
# What is found stays in the build directory as crash-*; what was learnt in fuzz-NAME/.
set -eu
src=${top_srcdir:-$(dirname "$0")/../..}
seconds=${1:?seconds per fuzzer}
shift
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls | sed -n 's/^fuzz_\([a-z]*\)$/\1/p')
status=0
for name in "$@"; do
	mkdir -p "fuzz-$name"
	echo "campaign: $name, $seconds s"
	nice -n 10 "tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
		-max_len=4096 -print_final_stats=1 "fuzz-$name" "$src/tests/fuzz/corpus/$name" \
		>"fuzz-$name.log" 2>&1 || { status=1; tail -n 30 "fuzz-$name.log"; }
	grep -E 'number_of_executed_units|new_units_added' "fuzz-$name.log" || true
done
exit $status
