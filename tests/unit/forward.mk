# Tests of src/forward.
UNIT_FORWARD_CPPFLAGS = $(FORWARD_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_FORWARD_LIBS = libtamis_forward.la libtamis_base.la $(CMOCKA_LIBS)

unit_tests += tests/unit/test_backoff
tests_unit_test_backoff_CPPFLAGS = $(UNIT_FORWARD_CPPFLAGS)
tests_unit_test_backoff_LDADD = $(UNIT_FORWARD_LIBS)

unit_tests += tests/unit/test_batch
tests_unit_test_batch_CPPFLAGS = $(UNIT_FORWARD_CPPFLAGS)
tests_unit_test_batch_LDADD = $(UNIT_FORWARD_LIBS)

unit_tests += tests/unit/test_health
tests_unit_test_health_CPPFLAGS = $(UNIT_FORWARD_CPPFLAGS)
tests_unit_test_health_LDADD = $(UNIT_FORWARD_LIBS)

unit_tests += tests/unit/test_pace
tests_unit_test_pace_CPPFLAGS = $(UNIT_FORWARD_CPPFLAGS)
tests_unit_test_pace_LDADD = $(UNIT_FORWARD_LIBS)

unit_tests += tests/unit/test_sink
tests_unit_test_sink_CPPFLAGS = $(UNIT_FORWARD_CPPFLAGS)
tests_unit_test_sink_LDADD = $(UNIT_FORWARD_LIBS)

UNIT_LANE_LIBS = libtamis_forward.la libtamis_event.la libsanitizer.la libtamis_base.la $(CMOCKA_LIBS)

unit_tests += tests/unit/test_lane
tests_unit_test_lane_CPPFLAGS = $(UNIT_FORWARD_CPPFLAGS)
tests_unit_test_lane_LDADD = $(UNIT_LANE_LIBS)

unit_tests += tests/unit/test_post
tests_unit_test_post_CPPFLAGS = $(UNIT_FORWARD_CPPFLAGS)
tests_unit_test_post_LDADD = $(UNIT_LANE_LIBS)
