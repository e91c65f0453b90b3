#!/bin/sh
#
# layers - who may include whom (the order of the rooms), read from the sources and
# from the built libraries; TAP on standard output.
#
set -u
src=${top_srcdir:-$(dirname "$0")/..}
build=${top_builddir:-$src/build}
number=0

# verdict NAME OFFENDERS: one TAP line; offenders, if any, are listed.
verdict() {
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

# includes FOLDER…: "file: header" for every include of the sources there.
includes() {
	for folder in "$@"; do
		[ -d "$src/$folder" ] && find "$src/$folder" -maxdepth 1 -name '*.[ch]' -exec \
			grep -HoE '^#include [<"][^>"]+[>"]' {} + | sed 's/#include //'
	done
}

# headers FOLDER…: a pattern that matches an include of any header that lies there.
headers() {
	for folder in "$@"; do
		find "$src/$folder" -maxdepth 1 -name '*.h' 2>/dev/null
	done | sed 's|.*/||' | sort -u | paste -sd'|' | sed 's/\./\\./g; s/.*/"(&)"$/'
}

# may_not NAME FROM-FOLDERS TO-FOLDERS: no file of the first includes a header of the second.
may_not() {
	pattern=$(headers $3)
	[ "$pattern" = '"()"$' ] && pattern='^$'
	verdict "$1" "$(includes $2 | grep -E ":$pattern" || true)"
}

# never NAME FOLDERS PATTERN: no include matches the pattern.
never() {
	verdict "$1" "$(includes $2 | grep -E "$3" || true)"
}

rooms="sanitizer sanitizer/command src/base src/event src/spool src/count src/store src/forward src/import src/privacy src/tally src/registry src/access src/intake src/page src cgi"

never "no include reaches over a folder's edge" "$rooms" '"\.\./'
may_not "sanitizer knows nothing of src and cgi" "sanitizer sanitizer/command" \
	"src/base src/event src/spool src/count src/forward src cgi"
may_not "base knows no other room" src/base "src/event src/spool src/count src/forward src cgi sanitizer"
may_not "event knows no higher shelf" src/event "src/spool src/count src/store src/forward src cgi"
may_not "spool knows no neighbour and no higher shelf" src/spool "src/count src/store src/forward src cgi"
may_not "count knows no neighbour and no higher shelf" src/count "src/spool src/store src/forward src cgi"
may_not "forward knows no gateway, command or cgi" src/forward "src cgi"
may_not "import knows base and event only" src/import "src/count src/spool src/store src/forward src cgi"
may_not "access knows base only" src/access "src/event src/spool src/count src/store src/tally src/registry src/forward src/import src/privacy src cgi sanitizer"
may_not "registry knows base only" src/registry "src/event src/spool src/count src/store src/tally src/forward src/import src/privacy src cgi sanitizer"
may_not "tally knows base only" src/tally "src/event src/spool src/count src/store src/forward src/import src/privacy src cgi sanitizer"
may_not "store knows base only" src/store "src/event src/spool src/count src/forward src/import src/privacy src cgi sanitizer"
never "only store speaks SQL" "sanitizer sanitizer/command src/base src/event src/spool src/count src/forward src/import src/privacy src cgi" '<(sqlite3|libpq-fe)'
may_not "intake knows no store, no spool and no higher shelf" src/intake "src/spool src/store src/forward src/import src/privacy src cgi"
may_not "page knows registry and releases only" src/page "src/event src/spool src/count src/store src/tally src/access src/intake src/forward src/import src cgi sanitizer"
may_not "privacy knows base and store only" src/privacy "src/event src/spool src/count src/forward src/import src cgi sanitizer"
may_not "src knows nothing of cgi" "src src/import" cgi
may_not "cgi sees the gateway, not what is behind it" cgi "src/event src/spool src/forward src/store"
never "cgi speaks no curl, SQL or cJSON" cgi '<(curl|sqlite3|libpq|cjson)'
never "libfcgi is the benchmark's alone" "sanitizer sanitizer/command src/base src/event src/spool src/count src/forward src cgi" '<fcgi'
never "only forward speaks curl" "sanitizer sanitizer/command src/base src/event src/spool src/count src cgi" '<curl/'
never "only forward speaks cJSON: the upstream's answers" \
	"sanitizer sanitizer/command src/base src/event src/spool src/count src/import src cgi" '<cjson/'

# exports LIBRARY PREFIX: it exports names with that prefix, and no others.
exports() {
	library=$(find "$build/.libs" -name "$1.so.?" 2>/dev/null | head -n 1)
	[ -z "$library" ] || verdict "$1 exports $2* only" \
		"$(nm -D --defined-only "$library" | awk '$2 ~ /[TDBR]/ { print $3 }' | grep -v "^$2" || true)"
}

exports libsanitizer san_
exports libtamis tamis_

# is_word() steps through a row of words by their length, and stops behind the place in their order.
misplaced=$(awk '
/static const struct words/ { inside = 1 }
inside {
	rest = $0
	while (match(rest, /\[[0-9]+\] = |"[^"]*"/)) {
		found = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		if (found ~ /^\[/) {
			letters = substr(found, 2) + 0
			last = ""
			continue
		}
		words = split(substr(found, 2, length(found) - 2), word, " ")
		for (i = 1; i <= words; i++) {
			if (length(word[i]) != letters || word[i] <= last)
				print FILENAME ":" FNR ": " word[i]
			last = word[i]
			seen++
		}
		if (found !~ / "$/)
			print FILENAME ":" FNR ": no blank at the end"
	}
}
/};/ { inside = 0 }
END { if (seen < 50) print "only " seen + 0 " words were found" }
' "$src"/sanitizer/*.c)
verdict "rows of words are in order and of their length" "$misplaced"

long=$(find "$src/sanitizer" "$src/src" "$src/cgi" -name '*.c' -exec wc -l {} + | awk '$2 != "total" && $1 > 500')
verdict "no source file is longer than 500 lines" "$long"
long=$(find "$src/sanitizer" "$src/src" "$src/cgi" -name '*.h' ! -name sanitizer.h ! -name libtamis.h -exec wc -l {} + | awk '$2 != "total" && $1 > 80')
verdict "no header but the public ones is longer than 80 lines" "$long"
echo "1..$number"
