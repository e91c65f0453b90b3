# Tests of src/event.
UNIT_EVENT_CPPFLAGS = $(EVENT_CPPFLAGS) $(SODIUM_CFLAGS) $(CMOCKA_CFLAGS)
STRAINING = tests/unit/straining.c tests/unit/straining.h
UNIT_EVENT_LIBS = libtamis_event.la libsanitizer.la libtamis_base.la $(CMOCKA_LIBS)

unit_tests += tests/unit/test_json
tests_unit_test_json_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_json_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_number
tests_unit_test_number_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_number_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_url
tests_unit_test_url_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_url_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_bot
tests_unit_test_bot_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_bot_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_template
tests_unit_test_template_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_template_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_address
tests_unit_test_address_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_address_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_agent
tests_unit_test_agent_SOURCES = tests/unit/test_agent.c tests/unit/golden.c tests/unit/golden.h
tests_unit_test_agent_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_agent_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_query
tests_unit_test_query_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_query_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_modes
tests_unit_test_modes_SOURCES = tests/unit/test_modes.c $(STRAINING)
tests_unit_test_modes_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_modes_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_session
tests_unit_test_session_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_session_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_event_parse
tests_unit_test_event_parse_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_event_parse_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_contract
tests_unit_test_contract_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_contract_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_identity
tests_unit_test_identity_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_identity_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_text
tests_unit_test_text_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_text_LDADD = $(UNIT_EVENT_LIBS)

EXTRA_DIST += tests/data/agents.test tests/data/agent_cut.test tests/data/event.test

unit_tests += tests/unit/test_sanitize
tests_unit_test_sanitize_SOURCES = tests/unit/test_sanitize.c $(STRAINING)
tests_unit_test_sanitize_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_sanitize_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_canary
tests_unit_test_canary_SOURCES = tests/unit/test_canary.c $(STRAINING)
tests_unit_test_canary_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_canary_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_clean
tests_unit_test_clean_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_clean_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_agents
tests_unit_test_agents_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_agents_LDADD = $(UNIT_EVENT_LIBS)

unit_tests += tests/unit/test_wrapped
tests_unit_test_wrapped_SOURCES = tests/unit/test_wrapped.c $(STRAINING)
tests_unit_test_wrapped_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_wrapped_LDADD = $(UNIT_EVENT_LIBS) $(SODIUM_LIBS)

unit_tests += tests/unit/test_strainer
tests_unit_test_strainer_SOURCES = tests/unit/test_strainer.c $(STRAINING)
tests_unit_test_strainer_CPPFLAGS = $(UNIT_EVENT_CPPFLAGS)
tests_unit_test_strainer_LDADD = $(UNIT_EVENT_LIBS)
