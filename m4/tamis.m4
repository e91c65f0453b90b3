# TAMIS_WARNINGS - the warnings of the house; --enable-werror makes them errors.
AC_DEFUN([TAMIS_WARNINGS], [
AC_ARG_ENABLE([werror], AS_HELP_STRING([--enable-werror], [treat warnings as errors]))
WARN_CFLAGS="-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wvla -Wstrict-prototypes \
-Wmissing-prototypes -Wformat=2 -Wundef -Wcast-qual"
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
HARDEN_CFLAGS="-std=gnu17 -fvisibility=hidden -fstack-protector-strong"
HARDEN_LDFLAGS="-Wl,-z,relro,-z,now"
AC_SUBST([WARN_CFLAGS])
AC_SUBST([HARDEN_CFLAGS])
AC_SUBST([HARDEN_LDFLAGS])
])

# TAMIS_SANITIZERS - --enable-asan builds everything with ASan and UBSan; the
# release build gets _FORTIFY_SOURCE, which the two exclude.
AC_DEFUN([TAMIS_SANITIZERS], [
AC_ARG_ENABLE([asan], AS_HELP_STRING([--enable-asan], [build with ASan and UBSan]))
AS_IF([test "x$enable_asan" = xyes], [
	INSTRUMENT_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
	CPPFLAGS_FORTIFY=
], [
	INSTRUMENT_CFLAGS=
	CPPFLAGS_FORTIFY="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
])
AC_SUBST([INSTRUMENT_CFLAGS])
AC_SUBST([CPPFLAGS_FORTIFY])
AM_CONDITIONAL([ASAN], [test "x$enable_asan" = xyes])
])

# TAMIS_FUZZING - --enable-fuzzing builds the fuzzers against libFuzzer (clang);
# without it they are built as replayers of their corpora.
AC_DEFUN([TAMIS_FUZZING], [
AC_ARG_ENABLE([fuzzing], AS_HELP_STRING([--enable-fuzzing], [build the libFuzzer targets (needs clang)]))
AS_IF([test "x$enable_fuzzing" = xyes], [
	FUZZ_CFLAGS="-fsanitize=fuzzer-no-link"
	FUZZ_LDFLAGS="-fsanitize=fuzzer"
])
AC_SUBST([FUZZ_CFLAGS])
AC_SUBST([FUZZ_LDFLAGS])
AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])
])

# TAMIS_CPU_FLAGS - which x86 code paths of the prefilter can be built. All of them, the portable one
# too, read the text in words whose lowest byte comes first: elsewhere they would miss what is there.
AC_DEFUN([TAMIS_CPU_FLAGS], [
AC_CANONICAL_HOST
AC_C_BIGENDIAN([AC_MSG_ERROR([the sanitizer wants a little-endian machine])], [],
	[AC_MSG_ERROR([whether this machine is little-endian cannot be told])],
	[AC_MSG_ERROR([the sanitizer wants a little-endian machine])])
AM_CONDITIONAL([X86_64], [case $host_cpu in x86_64) true ;; *) false ;; esac])
])

# TAMIS_STATIC_CGI - tamis.cgi, started anew for each request, is linked statically where the
# archives of all that it needs are there; an instrumented program links so, and crashes.
AC_DEFUN([TAMIS_STATIC_CGI], [
AC_CACHE_CHECK([whether tamis.cgi can be linked statically], [tamis_cv_static_cgi], [
	tamis_save_LIBS=$LIBS
	tamis_cv_static_cgi=no
	LIBS="-static-pie $YAML_LIBS $UUID_LIBS $SODIUM_LIBS $PCRE2_LIBS -lm"
	AC_LINK_IFELSE([AC_LANG_PROGRAM()], [tamis_cv_static_cgi=yes])
	LIBS=$tamis_save_LIBS
])
AS_IF([test $tamis_cv_static_cgi = yes && test -z "$INSTRUMENT_CFLAGS"], [CGI_LDFLAGS=-static-pie], [CGI_LDFLAGS=-Wl,--as-needed])
AC_SUBST([CGI_LDFLAGS])
])

# TAMIS_LIBPQ - PostgreSQL is for sites that outgrow one machine: there where libpq is, unless refused.
AC_DEFUN([TAMIS_LIBPQ], [
AC_ARG_WITH([libpq], [AS_HELP_STRING([--without-libpq], [no PostgreSQL store (default: where libpq is)])],
	[], [with_libpq=auto])
have_libpq=no
AS_IF([test "x$with_libpq" != xno], [
	PKG_CHECK_MODULES([LIBPQ], [libpq >= 14], [have_libpq=yes],
		[AS_IF([test "x$with_libpq" = xyes], [AC_MSG_ERROR([libpq 14 or later was asked for and is not there])])])])
AM_CONDITIONAL([HAVE_LIBPQ], [test "x$have_libpq" = xyes])
])

# TAMIS_TESTS - cmocka for the unit tests, a python3 with pytest for the whole; vectorscan and
# libfcgi (a pkg-config file of which some systems have only) are what `make bench` compares with.
AC_DEFUN([TAMIS_TESTS], [
PKG_CHECK_MODULES([CMOCKA], [cmocka >= 1.1.5], [have_cmocka=yes], [have_cmocka=no])
AM_CONDITIONAL([HAVE_CMOCKA], [test "x$have_cmocka" = xyes])
PKG_CHECK_MODULES([VECTORSCAN], [libhs], [have_vectorscan=yes], [have_vectorscan=no])
AM_CONDITIONAL([HAVE_VECTORSCAN], [test "x$have_vectorscan" = xyes])
AC_CHECK_HEADER([fcgiapp.h], [AC_CHECK_LIB([fcgi], [FCGX_Accept_r], [FCGI_LIBS=-lfcgi])])
AC_SUBST([FCGI_LIBS])
AM_CONDITIONAL([HAVE_FCGI], [test "x$FCGI_LIBS" != x])
AC_REQUIRE_AUX_FILE([tap-driver.sh])
AC_ARG_VAR([PYTHON], [python3 that has pytest])
AC_CACHE_CHECK([for python3 with pytest], [tamis_cv_python], [
	tamis_cv_python=no
	for p in "$PYTHON" /usr/bin/python3 python3; do
		AS_IF([test -n "$p" && "$p" -c 'import pytest' 2>/dev/null], [tamis_cv_python=$p; break])
	done
])
AS_IF([test "x$tamis_cv_python" != xno], [PYTHON=$tamis_cv_python], [PYTHON=python3])
])
