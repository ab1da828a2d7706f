//! Plans without a database: what would be sent, in which order, and why.

use super::entities::*;
use crate::database::Checks;
use crate::{
    flush::{FlushPlan, cascade::Loaded, plan},
    identity::{IdentityMap, ObjectRef},
    prelude::*,
    state::Absorb,
    value::{Cells, Raw},
};

struct Row(Vec<Raw<'static>>);

impl Cells for Row {
    fn raw(&self, position: usize) -> Raw<'_> {
        self.0[position]
    }
}

/// A row that a session has read.
fn read<E: Entity>(map: &IdentityMap, cells: &[Raw<'static>]) -> ObjectRef {
    let slot = map.store_of(E::DEF).absorb(&Row(cells.to_vec()), 0, Absorb::Fill, map.epoch());
    IdentityMap::object(E::DEF, slot.expect("a row").expect("a key"))
}

fn planned(map: &IdentityMap) -> FlushPlan {
    plan(map, &Loaded::default(), Checks::AtStatementEnd).expect("a plan").expect("nothing to read")
}

fn refused(map: &IdentityMap) -> Error {
    match plan(map, &Loaded::default(), Checks::AtStatementEnd) {
        Ok(_) => panic!("not refused"),
        Err(error) => error,
    }
}

fn set<E: Entity>(map: &IdentityMap, object: ObjectRef, column: usize, value: impl Into<crate::value::Value>) {
    let store = map.store_of(E::DEF);
    store.set_value(object.slot, column, &value.into()).expect("a value");
    map.work().touch(store, object);
}

fn delete(map: &IdentityMap, object: ObjectRef) {
    map.work().deleted.insert(object);
}

fn document(map: &IdentityMap, id: i64, slug: &'static str) -> ObjectRef {
    let text = |text: &'static str| Raw::Text(text.as_bytes());
    read::<Document>(map, &[Raw::Integer(id), text(slug), text("draft"), Raw::Null, Raw::Integer(4)])
}

fn add(
    map: &IdentityMap,
    object: impl crate::handle::IntoTransient<Document, <Document as crate::entity::Entity>::Bare>,
) {
    map.add(Box::new(object.into_transient())).expect("added");
}

#[test]
fn a_graph() {
    let map = IdentityMap::new();
    let graph = User::builder().email("ada").posts([
        Post::builder().title("a").comments([Comment::builder().text("x")]).tags([Tag::builder().name("t")]),
        Post::builder().title("b").comments([Comment::builder().text("y")]).tags([Tag::builder().name("u")]),
    ]);
    map.add(Box::new(crate::handle::IntoTransient::into_transient(graph))).expect("added");
    assert_eq!(
        planned(&map).to_string(),
        "1. INSERT tags (name) 2 rows -> id\n\
         2. INSERT users (email, name) 1 row -> id\n\
         3. INSERT posts (title, author_id, editor_id) 2 rows, author_id from new users -> id\n\
         4. INSERT comments (text, post_id) 2 rows, post_id from new posts -> id\n\
         5. INSERT post_tags 2 rows  (many-to-many)\n"
    );
}

#[test]
fn nothing_to_do() {
    let map = IdentityMap::new();
    let home = document(&map, 1, "home");
    set::<Document>(&map, home, 1, "other");
    set::<Document>(&map, home, 1, "home");
    assert_eq!(planned(&map).to_string(), "nothing to send\n");
}

#[test]
fn unique_values_change_hands() {
    let map = IdentityMap::new();
    let (a, b, c) = (document(&map, 1, "a"), document(&map, 2, "b"), document(&map, 3, "c"));
    set::<Document>(&map, a, 1, "b");
    set::<Document>(&map, b, 1, "c");
    delete(&map, c);
    add(&map, Document::builder().slug("a"));
    assert_eq!(
        planned(&map).to_string(),
        "1. DELETE documents 1 row [3], version checked  (first: it frees a unique value that another row takes)\n\
         2. UPDATE documents (slug, version) 1 row [2], version checked -> touched  (first: it frees a unique value that another row takes)\n\
         3. UPDATE documents (slug, version) 1 row [1], version checked -> touched\n\
         4. INSERT documents (slug, touched, body, version) 1 row -> id, state\n"
    );
}

#[test]
fn a_swap_is_refused() {
    let map = IdentityMap::new();
    let (a, b) = (document(&map, 1, "a"), document(&map, 2, "b"));
    set::<Document>(&map, a, 1, "b");
    set::<Document>(&map, b, 1, "a");
    let error = refused(&map);
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!((error.entity(), error.attribute()), (Some("Document"), Some("slug")));
}

#[test]
fn a_circle_of_deletions_is_opened_at_the_nullable_key() {
    let map = IdentityMap::new();
    let team = read::<Team>(&map, &[Raw::Integer(1), Raw::Text(b"core"), Raw::Integer(7)]);
    let lead = read::<Worker>(&map, &[Raw::Integer(7), Raw::Text(b"ada"), Raw::Integer(1)]);
    delete(&map, lead);
    delete(&map, team);
    let mut loaded = Loaded::default();
    loaded.insert(team, 1, vec![lead.slot]);
    let plan = plan(&map, &loaded, Checks::AtStatementEnd).expect("a plan").expect("nothing to read");
    assert_eq!(
        plan.to_string(),
        "1. UPDATE teams (lead_id = NULL) 1 row [1]  (opens a circle of rows that go)\n\
         2. DELETE workers 1 row [7]\n\
         3. DELETE teams 1 row [1]  (level 1 of rows that refer to each other)\n"
    );
}

#[test]
fn a_plan_names_what_it_must_read_first() {
    let map = IdentityMap::new();
    let team = read::<Team>(&map, &[Raw::Integer(1), Raw::Text(b"core"), Raw::Null]);
    delete(&map, team);
    let needs =
        plan(&map, &Loaded::default(), Checks::AtStatementEnd).expect("no error").expect_err("workers are not loaded");
    assert!(!needs.is_empty());
}

fn tag(map: &IdentityMap, id: i64) -> ObjectRef {
    read::<Tag>(map, &[Raw::Integer(id), Raw::Text(b"t")])
}

#[test]
fn tables_go_by_their_place_and_rows_by_key_whatever_was_written_first() {
    let plan = |order: &[usize]| {
        let map = IdentityMap::new();
        let tags = [tag(&map, 30), tag(&map, 4), tag(&map, 100)];
        let documents = [document(&map, 9, "i"), document(&map, 2, "b"), document(&map, 5, "e")];
        for &at in order {
            set::<Tag>(&map, tags[at], 1, format!("new {at}"));
            let column = if at == 1 { 1 } else { 2 };
            set::<Document>(&map, documents[at], column, format!("new {at}"));
        }
        planned(&map).to_string()
    };
    let expected = "1. UPDATE documents (slug, version) 1 row [2], version checked -> touched\n\
                    2. UPDATE documents (state, version) 2 rows [5; 9], version checked -> touched, id\n\
                    3. UPDATE tags (name) 3 rows [4; 30; 100]\n";
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        assert_eq!(plan(&order), expected, "{order:?}");
    }
    let deleted = |order: &[usize]| {
        let map = IdentityMap::new();
        let tags = [tag(&map, 30), tag(&map, 4), tag(&map, 100)];
        let documents = [document(&map, 9, "i"), document(&map, 2, "b"), document(&map, 5, "e")];
        let mut loaded = Loaded::default();
        for &at in order {
            loaded.insert(tags[at], 0, Vec::new());
            delete(&map, tags[at]);
            delete(&map, documents[at]);
        }
        super::super::plan(&map, &loaded, Checks::AtStatementEnd).expect("a plan").expect("nothing to read").to_string()
    };
    assert_eq!(deleted(&[0, 1, 2]), deleted(&[2, 1, 0]));
}
