//! The typed front builds the tree that it says; raw fragments and patterns come apart as documented.

use super::{
    Column, Comparison, Direction, Node, Nulls, Operand, Predicate, RawFragment, like_to_glob, pattern::escape_like,
    raw::Piece,
};
use crate::{
    entity::Entity,
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
}

#[test]
fn fragments_come_apart() {
    let pieces = |sql| {
        let mut pieces = RawFragment::new(sql, []).pieces();
        pieces.retain(|piece| *piece != Piece::Text(""));
        pieces
    };
    assert_eq!(pieces("{a} = ?"), [Piece::Field("a"), Piece::Text(" = "), Piece::Value]);
    assert_eq!(pieces("x '?{a}' \"?\" y"), [Piece::Text("x '?{a}' \"?\" y")]);
    assert_eq!(pieces("a ?? b"), [Piece::Text("a "), Piece::Text("?"), Piece::Text(" b")]);
    assert_eq!(pieces("'it''s ?' {b"), [Piece::Text("'it''s ?' {b")]);
}

fn _a_column_names_itself<E: Entity>(column: Column<E, i64>) -> String {
    format!("{column:?}")
}
