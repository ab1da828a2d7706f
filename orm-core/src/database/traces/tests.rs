//! What is taken for harmless, and what is not.

use crate::{
    dialect::Dialect::{self, MySql, Postgres, Sqlite},
    lexer::Syntax,
};

fn leaves_traces(dialect: Dialect, sql: &str) -> bool {
    super::leaves_traces(Syntax::of(dialect), sql)
}

fn only_reads(dialect: Dialect, sql: &str) -> bool {
    super::only_reads(Syntax::of(dialect), sql)
}

const ALL: [Dialect; 3] = [Sqlite, Postgres, MySql];

#[test]
fn everyday_statements_leave_nothing_on_a_connection() {
    for sql in [
        "SELECT count(*), max(id) FROM users u JOIN posts p ON (p.user_id = u.id) WHERE name IN (?, 'set_tenant(1)')",
        "  select coalesce(name, '') from users -- set_tenant(1)\n where id = 7",
        "INSERT INTO users (name, age) VALUES (lower($1), 7) ON CONFLICT (name) DO UPDATE SET age = 8",
        "UPDATE users SET name = upper(name), seen = now() WHERE EXISTS (SELECT 1)",
        "WITH old AS (SELECT id FROM users) DELETE FROM users WHERE id IN (SELECT id FROM old)",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20) CHECK (length(name) > 1), org INT REFERENCES orgs (id))",
        "/* a /* comment */ SELECT 1",
        "SELECT $$set_tenant(1)$$, 1e5, 'it''s', \"a\".\"b\"",
        "",
    ] {
        let sql = sql.replace("/* a /* comment */", "/* a comment */");
        assert!(!leaves_traces(Postgres, &sql), "{sql}");
    }
    for sql in [
        "SET LOCAL ROLE tenant",
        "SELECT set_config('app.tenant', $1, true)",
        "select set_config($1, (lower($2)), TRUE)",
    ] {
        assert!(!leaves_traces(Postgres, sql), "{sql}");
    }
}

#[test]
fn what_may_outlive_a_transaction_is_seen() {
    for sql in [
        "SET ROLE tenant",
        "SELECT set_config('app.tenant', 'true', false)",
        "SELECT set_config('app.tenant', '7', 1 = 1 OR true = false)",
        "SELECT set_config('app.tenant', '7', NOT true)",
        "SELECT app.set_config('app.tenant', '7', true)",
        "SELECT set_tenant (7)",
        "SELECT set_tenant/* */(7)",
        "SELECT app.lower('x')",
        "SELECT pg_advisory_lock(1)",
        "SELECT 1 FROM users WHERE become(name) > 0",
        "CREATE TEMPORARY TABLE t (a int)",
        "CREATE TABLE pg_temp.t (a int)",
        "SELECT * INTO TEMP x FROM users",
        "USE other",
        "PRAGMA foreign_keys = OFF",
        "ATTACH 'x' AS y",
        "PREPARE p AS SELECT 1",
        "DO $$ BEGIN END $$",
        "SELECT 1; SET ROLE tenant",
    ] {
        assert!(ALL.iter().all(|dialect| leaves_traces(*dialect, sql)), "{sql}");
    }
    for sql in [
        "SET LOCAL time_zone = '+09:00'",
        "SELECT @tenant := 7",
        "SELECT 5--become(7)",
        "SELECT 1 /*!50000 , become(7) */",
        "SELECT name INTO @name FROM users",
    ] {
        assert!(leaves_traces(MySql, sql), "{sql}");
    }
    assert!(leaves_traces(MySql, "SELECT 'a\\'', set_tenant(7), '\\''"));
    assert!(leaves_traces(Postgres, "SELECT E'a\\'', set_tenant(7), E'\\''"));
    assert!(leaves_traces(Postgres, "SELECT \"set_tenant\"(7)") && leaves_traces(MySql, "SELECT `set_tenant`(7)"));
}

#[test]
fn what_does_not_only_read_is_seen() {
    for sql in [
        "SELECT 1",
        "-- insert\nWITH a AS (SELECT 'delete') SELECT * FROM a",
        "VALUES (1)",
        "EXPLAIN SELECT 1",
        "SHOW search_path",
        "SELECT replace(name, 'a', 'b') FROM users",
    ] {
        assert!(ALL.iter().all(|dialect| only_reads(*dialect, sql)), "{sql}");
    }
    for sql in [
        "/* x */ INSERT INTO users VALUES (1)",
        "SET TRANSACTION READ WRITE",
        "WITH a AS (SELECT 1) UPDATE users SET id = 1",
        "PRAGMA query_only(false)",
        "ATTACH 'x' AS y",
        "EXECUTE IMMEDIATE 'COMMIT'",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "CALL p()",
        "COPY users TO PROGRAM 'x'",
        "VACUUM",
    ] {
        assert!(ALL.iter().all(|dialect| !only_reads(*dialect, sql)), "{sql}");
    }
    for sql in ["SELECT 'a\\'' INTO OUTFILE '/tmp/x'", "SELECT 1 /*! INTO OUTFILE '/tmp/x' */"] {
        assert!(!only_reads(MySql, sql), "{sql}");
    }
    assert!(
        !only_reads(MySql, "WITH a AS (SELECT 1) UPDATE users SET id = 1"),
        "in a sandbox the server would take it"
    );
}
