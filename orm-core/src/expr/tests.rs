//! The typed front builds the tree that it says; raw fragments and patterns come apart as documented.

use super::{
    Column, Comparison, Direction, Expression, MAX_DEPTH, Node, Nulls, Operand, Predicate, RawFragment, like_to_glob,
    pattern::{Pattern, escape_like, escaped_by_exclamation},
    raw::{Piece, RawFault},
    text::{containing, ending, starting},
};
use crate::{
    dialect::Dialect,
    entity::Entity,
    lexer::Syntax,
    value::{IntoColumn, Value},
};

struct User;

const ID: Column<User, i64> = Column::new(0);
const NAME: Column<User, String> = Column::new(1);
const NICK: Column<User, Option<String>> = Column::new(2);

fn shown(predicate: &Predicate<User>) -> String {
    format!("{:?}", predicate.node())
}

#[test]
fn predicates_cross_threads() {
    fn check<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    check::<Node>();
    check::<Predicate<User>>();
    check::<super::OrderBy<User>>();
}

#[test]
fn equal_to_nothing_is_null() {
    assert_eq!(shown(&NICK.eq(None)), shown(&NICK.is_null()));
    assert_eq!(shown(&NICK.ne(None)), shown(&NICK.is_not_null()));
    assert_eq!(shown(&NICK.eq(Some("a".to_owned()))), shown(&NICK.eq("a")));
}

#[test]
fn operators_are_the_words() {
    let (one, two) = (|| ID.eq(1), || NAME.eq("a"));
    assert_eq!(shown(&(one() & two())), shown(&one().and(two())));
    assert_eq!(shown(&(one() | two())), shown(&one().or(two())));
    assert_eq!(shown(&!one()), shown(&one().not()));
    assert_eq!(shown(&!!one()), shown(&one()));
}

#[test]
fn chains_stay_flat() {
    let Node::All(nodes) = (ID.eq(1) & ID.eq(2) & ID.eq(3)).into_node() else { panic!("an and") };
    assert_eq!(nodes.len(), 3);
    let Node::Any(nodes) = (ID.eq(1) | ID.eq(2) | ID.eq(3)).into_node() else { panic!("an or") };
    assert_eq!(nodes.len(), 3);
    // Whichever side the chain is on, and in the order in which it was written.
    let (left, right) = ((ID.eq(1) | ID.eq(2)) | ID.eq(3), ID.eq(1) | (ID.eq(2) | ID.eq(3)));
    assert_eq!(shown(&left), shown(&right));
    let (left, right) = ((ID.eq(1) & ID.eq(2)) & ID.eq(3), ID.eq(1) & (ID.eq(2) & ID.eq(3)));
    assert_eq!(shown(&left), shown(&right));
}

#[test]
fn a_chain_may_be_as_long_as_it_likes() {
    let mut chain = ID.eq(0);
    for id in 1..100_000 {
        chain = if id % 2 == 0 { ID.eq(id).or(chain) } else { chain.or(ID.eq(id)) };
    }
    let Node::Any(nodes) = chain.clone().into_node() else { panic!("an or") };
    assert_eq!(nodes.len(), 100_000);
    assert_eq!(chain.node().depth(), 1);
}

#[test]
fn no_tree_is_deeper_than_the_limit() {
    let mut tree = ID.eq(0);
    for id in 0..100_000 {
        tree = match id % 3 {
            0 => ID.eq(id).or(tree),
            1 => ID.eq(id).and(tree),
            _ => Predicate::related(0, tree).not(),
        };
        assert!(tree.node().depth() <= MAX_DEPTH);
    }
    assert!(shown(&tree.clone()).contains("TooDeep"));
    let mut sum = Expression::from(ID);
    for _ in 0..100_000 {
        sum = ID * sum;
    }
    let _ = format!("{:?}", sum.clone());
}

#[test]
fn a_value_becomes_the_columns_type() {
    let Node::Compare { left: Operand::Column(0), comparison, right: Operand::Value(value) } = ID.ge(7).into_node()
    else {
        panic!("a comparison")
    };
    assert_eq!((comparison, value), (Comparison::GreaterOrEqual, Value::BigInt(Some(7))));
    let _: String = "a".into_column();
}

#[test]
fn a_key_is_its_columns() {
    let node = Node::key_equals(&[1, 2], [Value::Int(Some(1)), Value::Int(None)]);
    let Node::All(nodes) = node else { panic!("an and") };
    let nodes: Vec<&Node> = nodes.iter().collect();
    assert!(matches!(nodes.as_slice(), [Node::Compare { .. }, Node::IsNull(Operand::Column(2))]));
}

#[test]
fn orders_say_where_nulls_go() {
    let order = NICK.desc().nulls_last().into_node();
    assert_eq!((order.direction, order.nulls), (Direction::Descending, Nulls::Last));
    assert_eq!(ID.asc().into_node().nulls, Nulls::Default);
}

#[test]
fn text_is_escaped_for_patterns() {
    assert_eq!(escape_like(r"50%_\ä"), r"50\%\_\\ä");
    assert_eq!(like_to_glob(r"a%_\%\_\\*?[]\"), r"a*?%_\[*][?][[]]\");
    assert_eq!(escaped_by_exclamation(r"a%_\%\_\\!\"), r"a%_!%!_\!!\");
}

#[test]
fn patterns_are_read() {
    for text in ["", "a", "50%_\\", "\0"] {
        assert_eq!(Pattern::of(&containing(text)), Pattern::Contains(text.to_owned()));
        assert_eq!(
            Pattern::of(&starting(text)),
            if text.is_empty() { Pattern::EndsWith(String::new()) } else { Pattern::StartsWith(text.to_owned()) }
        );
        assert_eq!(Pattern::of(&ending(text)), Pattern::EndsWith(text.to_owned()));
    }
    for other in ["a", "", "a%b", "%a%b", "_", "%%%", "a_%"] {
        assert_eq!(Pattern::of(other), Pattern::Other, "{other}");
    }
}

#[test]
fn fragments_come_apart() {
    let pieces = |dialect, sql, values: usize| {
        let values = std::iter::repeat_n(Value::Int(Some(1)), values);
        let read = RawFragment::new(sql, values).pieces(Syntax::of(dialect))?;
        let mut pieces: Vec<String> = Vec::new();
        for piece in read {
            match (piece, pieces.last_mut()) {
                (Piece::Text(text), Some(last)) if !last.starts_with('<') => last.push_str(text),
                (Piece::Text(text), _) => pieces.push(text.to_owned()),
                (Piece::Value(place), _) => pieces.push(format!("<{place}>")),
                (Piece::Field(name), _) => pieces.push(format!("<{name}>")),
            }
        }
        Ok(pieces)
    };
    let whole = |dialect, sql, values| pieces(dialect, sql, values).expect("a whole fragment").join("|");
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        assert_eq!(whole(dialect, "{a} = ?", 1), "<a>| = |<0>");
        assert_eq!(whole(dialect, "{ a }={b} + ?2 - ?1", 2), "<a>|=|<b>| + |<1>| - |<0>");
        assert_eq!(whole(dialect, "x '?{a}' /* {b} it's ? */ \"?\" y", 0), "x '?{a}' /* {b} it's ? */ \"?\" y");
        assert_eq!(whole(dialect, "a ?? b", 0), "a ? b");
        assert_eq!(whole(dialect, "'it''s ?' {b", 0), "'it''s ?' {b");
        for (sql, fault) in [
            ("'a", RawFault::Unclosed),
            ("a /* b", RawFault::Unclosed),
            ("a) OR (b", RawFault::Parentheses),
            ("(a", RawFault::Parentheses),
            ("a; DROP TABLE b", RawFault::Semicolon),
            ("a = ?0", RawFault::Zero),
            ("a\0", RawFault::Nul),
            ("a = ?", RawFault::WrongNumber { wanted: 1, given: 0 }),
            ("a = ?2", RawFault::WrongNumber { wanted: 2, given: 0 }),
        ] {
            assert_eq!(pieces(dialect, sql, 0), Err(fault), "{sql}");
        }
        assert_eq!(pieces(dialect, "a = ?", 2), Err(RawFault::WrongNumber { wanted: 1, given: 2 }));
    }
    assert_eq!(pieces(Dialect::Postgres, "a = $1", 1), Err(RawFault::Dollar));
    assert_eq!(pieces(Dialect::MySql, "a /*! b", 0), Err(RawFault::Unclosed));
}

fn _a_column_names_itself<E: Entity>(column: Column<E, i64>) -> String {
    format!("{column:?}")
}
