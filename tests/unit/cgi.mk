# Tests of cgi and of the gateway behind it, without a web server.
UNIT_CGI_CPPFLAGS = $(CGI_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_CGI_LIBS = $(CGI_SMALL_LIBS) $(GATEWAY_LIBS) $(CMOCKA_LIBS) -lpthread
EXTRA_DIST += tests/unit/place.h tests/unit/wrapped_calls.h

unit_tests += tests/unit/test_request
tests_unit_test_request_CPPFLAGS = $(UNIT_CGI_CPPFLAGS)
tests_unit_test_request_LDADD = $(UNIT_CGI_LIBS)

unit_tests += tests/unit/test_fastcgi
tests_unit_test_fastcgi_CPPFLAGS = $(UNIT_CGI_CPPFLAGS)
tests_unit_test_fastcgi_LDADD = $(UNIT_CGI_LIBS)

unit_tests += tests/unit/test_kept
tests_unit_test_kept_CPPFLAGS = $(UNIT_CGI_CPPFLAGS)
tests_unit_test_kept_LDADD = $(UNIT_CGI_LIBS)

unit_tests += tests/unit/test_client
tests_unit_test_client_CPPFLAGS = $(UNIT_CGI_CPPFLAGS)
tests_unit_test_client_LDADD = $(UNIT_CGI_LIBS)

unit_tests += tests/unit/test_response
tests_unit_test_response_CPPFLAGS = $(UNIT_CGI_CPPFLAGS)
tests_unit_test_response_LDADD = $(UNIT_CGI_LIBS)

unit_tests += tests/unit/test_worker
tests_unit_test_worker_CPPFLAGS = $(UNIT_CGI_CPPFLAGS)
tests_unit_test_worker_LDADD = $(UNIT_CGI_LIBS)

unit_tests += tests/unit/test_gateway
tests_unit_test_gateway_CPPFLAGS = $(GATEWAY_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_gateway_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS) -lpthread

unit_tests += tests/unit/test_gateway_torture
tests_unit_test_gateway_torture_CPPFLAGS = $(GATEWAY_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_gateway_torture_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_test_gateway_torture_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=ftruncate,--wrap=posix_fallocate,--wrap=pread,--wrap=mmap
