//! Tests of the lexer: what each dialect reads, token sequences that are written and read back, and any text at all.

use proptest::prelude::*;

use super::{
    Backslash, DoubleQuotes, Ending, Kind, Lexer, Marks, Syntax, first_words, has_several_statements, placeholders,
    writes_in_with,
};
use crate::dialect::Dialect::{self, MySql, Postgres, Sqlite};

fn numbered(sql: &str) -> String {
    let read = placeholders(Syntax::of(Postgres), Marks::Question, sql).expect("counted from 1");
    read.text.unwrap_or_else(|| sql.to_owned())
}

#[test]
fn question_marks_get_numbers() {
    for (sql, expected) in [
        ("SELECT 1", "SELECT 1"),
        ("a = ? AND b = ?", "a = $1 AND b = $2"),
        ("a = ?2 AND b = ?1 AND c = ?", "a = $2 AND b = $1 AND c = $3"),
        ("data ?? 'k' AND data ??| ?", "data ? 'k' AND data ?| $1"),
        ("'?' || ? || 'it''s ?'", "'?' || $1 || 'it''s ?'"),
        (r"'\' || ?", r"'\' || $1"),
        (r"E'\'?''?' || ?", r"E'\'?''?' || $1"),
        (r"name'\' || ?", r"name'\' || $1"),
        (r#""odd ""?"" name" = ?"#, r#""odd ""?"" name" = $1"#),
        ("a -- what?\n= ?", "a -- what?\n= $1"),
        ("a /* ? /* ? */ ? */ = ? / 2 - ?", "a /* ? /* ? */ ? */ = $1 / 2 - $2"),
        ("$$ ? $$ || $tag$ $$ ? $tag$ || ?", "$$ ? $$ || $tag$ $$ ? $tag$ || $1"),
        ("a = $1 AND b$x$ = ?", "a = $1 AND b$x$ = $1"),
        ("$é$ ? $é$ ?", "$é$ ? $é$ $1"),
        ("never 'closed ?", "never 'closed ?"),
        ("never /* closed ? é", "never /* closed ? é"),
        ("arr[?] ?", "arr[$1] $2"),
        // A literal that goes on in the next line is one of the same kind.
        ("E'a'\n'\\'?' ?", "E'a'\n'\\'?' $1"),
        ("E'a' -- ?\n '\\'?' ?", "E'a' -- ?\n '\\'?' $1"),
        ("E'a' '\\'?' ?'", "E'a' '\\'$1' ?'"),
        ("a = ??1", "a = ?1"),
    ] {
        assert_eq!(numbered(sql), expected);
    }
}

#[test]
fn numbers_become_places() {
    let positional = |sql: &str| {
        let read = placeholders(Syntax::of(MySql), Marks::Question, sql).expect("counted from 1");
        (read.count, read.text, read.places)
    };
    assert_eq!(positional("a = ? AND b = ?"), (Some(2), None, None));
    assert_eq!(
        positional("a = ?2 AND b = ?1 AND c = ?"),
        (Some(3), Some("a = ? AND b = ? AND c = ?".to_owned()), Some(vec![1, 0, 2]))
    );
    let quoted = r#"a = '\'?1' AND `?2` = "?3" -- ?4
            AND b /* ?5 */ = ?1 # ?6"#;
    assert_eq!(positional(quoted), (Some(1), Some(quoted.replace("= ?1 #", "= ? #")), Some(vec![0])));
    assert_eq!(positional("a = 5--? AND b = ?").0, Some(2), "no comment");
    assert_eq!(positional("SELECT /*!50000 ? */ 1").0, None, "the server's version decides");
    let plain = Syntax { backslash: Backslash::Plain, double_quotes: DoubleQuotes::Name, ..Syntax::of(MySql) };
    let count = |sql| placeholders(plain, Marks::Native, sql).expect("counted from 1").count;
    assert_eq!(count(r"a = '\' AND b = ?"), Some(1), "NO_BACKSLASH_ESCAPES");
    assert_eq!(count(r#""a\" = ?"#), Some(1), "ANSI_QUOTES");
}

#[test]
fn values_are_counted() {
    let count = |marks, sql| placeholders(Syntax::of(Postgres), marks, sql).expect("counted from 1").count;
    assert_eq!(count(Marks::Question, "SELECT 'b'"), Some(0));
    assert_eq!(count(Marks::Native, "a ? 'k' AND b = $2"), Some(2));
    assert_eq!(count(Marks::Question, "a = ?99999999999999999999999 OR b = ?"), Some(usize::MAX));
    assert!(placeholders(Syntax::of(Postgres), Marks::Question, "a = ?0").is_err());
    assert!(placeholders(Syntax::of(MySql), Marks::Question, "a = ?0").is_err());
    let count = |sql| placeholders(Syntax::of(Sqlite), Marks::Question, sql).expect("counted from 1").count;
    assert_eq!((count("a = ?3 OR b = ?"), count("a = ':b'"), count("a = :b OR c = ?")), (Some(4), Some(0), None));
}

#[test]
fn first_words_are_found_behind_comments() {
    let words = |dialect: Dialect, sql| first_words(Syntax::of(dialect), sql).collect::<Vec<_>>().join(" ");
    assert_eq!(words(Postgres, "/* a /* b */ c */ COMMIT -- d\n WORK; x"), "COMMIT WORK");
    assert_eq!(words(Sqlite, "/* a /* b */ COMMIT"), "COMMIT");
    assert_eq!(words(Sqlite, "\u{feff}COMMIT"), "COMMIT");
    assert_eq!(words(MySql, "# a\n-- b\n/* c */ ; COMMIT"), "COMMIT");
    assert_eq!(words(MySql, "/*!50110 COMMIT */"), "COMMIT");
    assert_eq!(words(MySql, "/*M!100100 ROLLBACK*/ TO x"), "ROLLBACK TO x");
    assert_eq!(words(Sqlite, "'COMMIT'"), "");
}

#[test]
fn several_statements_are_seen() {
    for dialect in [Sqlite, Postgres, MySql] {
        let several = |sql| has_several_statements(Syntax::of(dialect), sql);
        assert!(several("SELECT 1; COMMIT") && several(";;SELECT 1;/* x */SELECT 2"));
        assert!(!several("SELECT 1; -- x\n") && !several("SELECT ';' /* ; */;;") && !several(""));
    }
    assert!(has_several_statements(Syntax::of(MySql), "SELECT 1 /*! ; COMMIT */"));
}

#[test]
fn a_with_that_writes_is_seen() {
    let writes = |sql| writes_in_with(Syntax::of(Postgres), sql);
    assert!(writes("WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a"));
    assert!(writes("WITH a AS (/* x */ DELETE FROM b RETURNING *) SELECT * FROM a"));
    assert!(!writes("WITH a AS (SELECT replace(b, 'x', 'y') FROM c) SELECT (replace(d, 'x', 'y')) FROM a FOR UPDATE"));
}

/// A token as it is written, and whether the next one could be read as a part of it.
fn token(dialect: Dialect) -> impl Strategy<Value = (Kind, String)> {
    let inside = "[a-z?;$ \n\"`'*/#-]{0,6}";
    let doubled = |quote: char| {
        move |inside: String| {
            let inside = inside.replace(quote, &format!("{quote}{quote}"));
            format!("{quote}{inside}{quote}")
        }
    };
    let fixed = |kind, text: &'static str| Just((kind, text.to_owned())).boxed();
    let mut all = vec![
        fixed(Kind::Semicolon, ";"),
        fixed(Kind::Symbol, "="),
        fixed(Kind::Symbol, "("),
        fixed(Kind::Mark(None), "?"),
        (1..100_usize).prop_map(|number| (Kind::Mark(Some(number)), format!("?{number}"))).boxed(),
        "[A-Z_é][A-Z0-9_$]{0,5}".prop_map(|word| (Kind::Word, word)).boxed(),
        inside.prop_map(doubled('\'')).prop_map(|text| (Kind::Literal, text)).boxed(),
        "[a-z?;' ]{0,6}".prop_map(|text| (Kind::LineComment, format!("-- {text}\n"))).boxed(),
        "[a-z?;' ]{0,6}".prop_map(|text| (Kind::BlockComment, format!("/* {text}*/"))).boxed(),
    ];
    let names = inside.prop_map(doubled('"'));
    all.push(match dialect {
        MySql => names.prop_map(|text| (Kind::Literal, text)).boxed(),
        Sqlite | Postgres => names.prop_map(|text| (Kind::Name, text)).boxed(),
    });
    match dialect {
        Sqlite => all.push("[a-z?;' ]{0,6}".prop_map(|text| (Kind::Name, format!("[{text}]"))).boxed()),
        Postgres => {
            all.push((1..100_usize).prop_map(|number| (Kind::Dollar(number), format!("${number}"))).boxed());
            all.push("[a-z?;' ]{0,6}".prop_map(|text| (Kind::Literal, format!("$q${text}$q$"))).boxed());
            all.push("[a-z?; ]{0,6}".prop_map(|text| (Kind::Literal, format!("E'{text}\\'?'"))).boxed());
            all.push(fixed(Kind::BlockComment, "/* ? /* ; */ ' */"));
        }
        MySql => {
            all.push("[a-z?;' ]{0,6}".prop_map(|text| (Kind::LineComment, format!("# {text}\n"))).boxed());
            all.push("[a-z?; ]{0,6}".prop_map(|text| (Kind::Literal, format!("'{text}\\'?'"))).boxed());
            all.push("[a-z?;' ]{0,6}".prop_map(|text| (Kind::Name, format!("`{text}`"))).boxed());
        }
    }
    proptest::strategy::Union::new(all)
}

fn syntaxes() -> impl Strategy<Value = Syntax> {
    let backslash = prop_oneof![Just(Backslash::Plain), Just(Backslash::Escapes)];
    let double_quotes = prop_oneof![Just(DoubleQuotes::Name), Just(DoubleQuotes::Literal)];
    (prop_oneof![Just(Sqlite), Just(Postgres), Just(MySql)], backslash, double_quotes)
        .prop_map(|(dialect, backslash, double_quotes)| Syntax { dialect, backslash, double_quotes })
}

/// Texts of the characters that mean something.
const RAW: &str = r#"(['"`$?;\\/*!#\[\]{}eE0-9a-zé \n-]|/\*|\*/|--|/\*!|\$\$|\$a\$|COMMIT|\PC){0,40}"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(
        (dialect, written) in prop_oneof![Just(Sqlite), Just(Postgres), Just(MySql)]
            .prop_flat_map(|dialect| (Just(dialect), proptest::collection::vec(token(dialect), 0..12)))
    ) {
        // A space keeps two tokens from being one; no line's end, behind which PostgreSQL would continue a literal.
        let text: Vec<String> = written.iter().map(|(_, text)| format!("{text} ")).collect();
        let text = text.concat();
        let read = Lexer::new(Syntax::of(dialect), &text).filter(|token| token.kind != Kind::Space);
        let read: Vec<(Kind, &str)> = read.map(|token| (token.kind, token.text)).collect();
        let written: Vec<(Kind, &str)> = written.iter().map(|(kind, text)| (*kind, text.trim_end_matches('\n'))).collect();
        prop_assume!(dialect != Postgres || !continues(&written));
        prop_assert_eq!(read, written);
    }

    #[test]
    fn the_tokens_of_any_text_are_the_text(syntax in syntaxes(), text in RAW) {
        let tokens: Vec<_> = Lexer::new(syntax, &text).collect();
        let together: String = tokens.iter().map(|token| token.text).collect();
        prop_assert_eq!(&together, &text);
        prop_assert!(tokens.iter().all(|token| !token.text.is_empty()));
        let open = tokens.iter().filter(|token| token.ending == Ending::Missing).count();
        prop_assert!(open <= 1 && tokens.iter().rev().skip(1).all(|token| token.ending == Ending::Closed));
        // None of them panics.
        let _ = first_words(syntax, &text).count();
        let _ = has_several_statements(syntax, &text);
        let _ = writes_in_with(syntax, &text);
        let _ = placeholders(syntax, Marks::Question, &text);
        let _ = placeholders(syntax, Marks::Native, &text);
    }
}

/// Whether a literal follows another one behind a line's end, which makes it a part of that.
fn continues(tokens: &[(Kind, &str)]) -> bool {
    tokens.windows(3).any(|three| three[0].0 == Kind::Literal && three[1].0 == Kind::LineComment)
}
