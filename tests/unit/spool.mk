# Tests of src/spool, against clean events of their own (spool_fake).
UNIT_SPOOL_CPPFLAGS = $(SPOOL_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_SPOOL_LIBS = libtamis_spool.la libtamis_base.la $(CMOCKA_LIBS)
UNIT_SPOOL_FAKE = tests/unit/spool_fake.c tests/unit/spool_fake.h

UNIT_SPOOL_DIR = tests/unit/spool_dir.c tests/unit/spool_dir.h $(UNIT_SPOOL_FAKE)

unit_tests += tests/unit/test_spool
tests_unit_test_spool_SOURCES = tests/unit/test_spool.c $(UNIT_SPOOL_DIR)
tests_unit_test_spool_CPPFLAGS = $(UNIT_SPOOL_CPPFLAGS)
tests_unit_test_spool_LDADD = $(UNIT_SPOOL_LIBS)

unit_tests += tests/unit/test_spool_bound
tests_unit_test_spool_bound_SOURCES = tests/unit/test_spool_bound.c $(UNIT_SPOOL_DIR)
tests_unit_test_spool_bound_CPPFLAGS = $(UNIT_SPOOL_CPPFLAGS)
tests_unit_test_spool_bound_LDADD = $(UNIT_SPOOL_LIBS)

UNIT_READER_ROOM = tests/unit/reader_room.c tests/unit/reader_room.h $(UNIT_SPOOL_FAKE)

unit_tests += tests/unit/test_reader
tests_unit_test_reader_SOURCES = tests/unit/test_reader.c $(UNIT_READER_ROOM)
tests_unit_test_reader_CPPFLAGS = $(UNIT_SPOOL_CPPFLAGS)
tests_unit_test_reader_LDADD = $(UNIT_SPOOL_LIBS)

unit_tests += tests/unit/test_reader_damage
tests_unit_test_reader_damage_SOURCES = tests/unit/test_reader_damage.c $(UNIT_READER_ROOM)
tests_unit_test_reader_damage_CPPFLAGS = $(UNIT_SPOOL_CPPFLAGS)
tests_unit_test_reader_damage_LDADD = $(UNIT_SPOOL_LIBS)

unit_tests += tests/unit/test_spool_kill
tests_unit_test_spool_kill_SOURCES = tests/unit/test_spool_kill.c $(UNIT_SPOOL_FAKE)
tests_unit_test_spool_kill_CPPFLAGS = $(UNIT_SPOOL_CPPFLAGS)
tests_unit_test_spool_kill_LDADD = $(UNIT_SPOOL_LIBS)

SPOOL_WRAP = -Wl,--wrap=write,--wrap=writev,--wrap=pwrite,--wrap=fdatasync,--wrap=fsync \
	-Wl,--wrap=ftruncate,--wrap=rename,--wrap=unlink,--wrap=pread,--wrap=clock_wall_us
UNIT_SPOOL_WORLD = tests/unit/spool_world.c tests/unit/spool_world.h $(UNIT_SPOOL_FAKE)

unit_tests += tests/unit/test_spool_torture
tests_unit_test_spool_torture_SOURCES = tests/unit/test_spool_torture.c $(UNIT_SPOOL_WORLD)
tests_unit_test_spool_torture_CPPFLAGS = $(UNIT_SPOOL_CPPFLAGS)
tests_unit_test_spool_torture_LDADD = $(UNIT_SPOOL_LIBS)
tests_unit_test_spool_torture_LDFLAGS = $(AM_LDFLAGS) $(SPOOL_WRAP)

unit_tests += tests/unit/test_spool_power
tests_unit_test_spool_power_SOURCES = tests/unit/test_spool_power.c $(UNIT_SPOOL_WORLD)
tests_unit_test_spool_power_CPPFLAGS = $(UNIT_SPOOL_CPPFLAGS)
tests_unit_test_spool_power_LDADD = $(UNIT_SPOOL_LIBS)
tests_unit_test_spool_power_LDFLAGS = $(AM_LDFLAGS) $(SPOOL_WRAP)
