-- Three roles for the store of counts in PostgreSQL: run this once, as a superuser, in the
-- database that tamis uses. Then let the owner make the tables:
--
--   DATABASE_URL=postgresql://tamis_owner@/counts tamis rollup --once
--
-- and again after every update of tamis that says "the store's schema is of an older version".
-- Passwords or peer authentication are yours to set (ALTER ROLE, pg_hba.conf).

CREATE ROLE tamis_owner LOGIN;  -- makes and changes tables, and nothing else needs it
CREATE ROLE tamis_writer LOGIN; -- tamis rollup, count run, snapshot, publish
CREATE ROLE tamis_reader LOGIN; -- the team: tamis counts, GET /api/counts

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO tamis_owner;
GRANT USAGE ON SCHEMA public TO tamis_writer, tamis_reader;

ALTER DEFAULT PRIVILEGES FOR ROLE tamis_owner IN SCHEMA public
	GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO tamis_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE tamis_owner IN SCHEMA public
	GRANT SELECT ON TABLES TO tamis_reader;
ALTER ROLE tamis_reader SET default_transaction_read_only = on;
