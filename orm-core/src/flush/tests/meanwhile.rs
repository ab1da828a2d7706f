//! What a program writes while a flush is under way stays for the next one, and nothing of it is taken for sent.

use super::entities::*;
use crate::database::Checks;
use crate::{
    flush::{FlushPlan, cascade::Loaded, execute::Results, plan, publish::publish},
    handle::IntoTransient,
    identity::{IdentityMap, ObjectRef, Pair, PairChange},
    prelude::*,
    state::Status,
    value::Value,
};

fn add<E: Entity, L: 'static>(map: &IdentityMap, object: impl IntoTransient<E, L>) -> ObjectRef {
    map.add(Box::new(object.into_transient())).expect("added")
}

fn text(text: &str) -> Value {
    Value::String(Some(text.to_owned()))
}

fn planned(map: &IdentityMap) -> FlushPlan {
    plan(map, &Loaded::default(), Checks::AtStatementEnd).expect("a plan").expect("nothing to read")
}

fn set(map: &IdentityMap, object: ObjectRef, column: usize, value: &str) {
    let store = map.store_at(object);
    store.set_value(object.slot, column, &text(value)).expect("a text");
    map.work().touch(store, object);
}

/// Publishes as if the database had taken everything. Keys are the program's own here.
fn done(map: &IdentityMap, plan: &FlushPlan) {
    publish(map, plan, &Results::nothing(plan)).expect("published");
}

#[test]
fn a_new_object_that_is_written_to_is_changed_afterwards() {
    let map = IdentityMap::new();
    let tag = add(&map, Tag::builder().id(1).name("before"));
    let sent = planned(&map);
    set(&map, tag, 1, "after");
    done(&map, &sent);
    let store = map.store_at(tag);
    assert_eq!(store.base_value(tag.slot, 1), Some(text("before")));
    assert_eq!(store.value(tag.slot, 1), Some(text("after")));
    assert_eq!(planned(&map).to_string(), "1. UPDATE tags (name) 1 row [1]\n");
    done(&map, &planned(&map));
    assert!(map.work().is_empty());
}

#[test]
fn a_changed_object_that_is_written_to_again_is_changed_again() {
    let map = IdentityMap::new();
    let tag = add(&map, Tag::builder().id(1).name("a"));
    done(&map, &planned(&map));
    set(&map, tag, 1, "b");
    let sent = planned(&map);
    set(&map, tag, 1, "c");
    done(&map, &sent);
    assert_eq!(map.store_at(tag).base_value(tag.slot, 1), Some(text("b")));
    assert_eq!(planned(&map).to_string(), "1. UPDATE tags (name) 1 row [1]\n");
    // Back to what was sent: nothing is left to do.
    set(&map, tag, 1, "b");
    assert_eq!(planned(&map).to_string(), "nothing to send\n");
}

#[test]
fn what_is_added_meanwhile_waits() {
    let map = IdentityMap::new();
    add(&map, Tag::builder().id(1).name("a"));
    let sent = planned(&map);
    let late = add(&map, Tag::builder().id(2).name("b"));
    done(&map, &sent);
    assert_eq!(map.store_at(late).status(late.slot), Status::Pending);
    assert_eq!(planned(&map).to_string(), "1. INSERT tags (id, name) 1 row\n");
}

#[test]
fn a_child_that_is_given_another_parent_meanwhile_moves_with_the_next_flush() {
    let map = IdentityMap::new();
    let (a, b) = (add(&map, Node::builder().id(1).name("a")), add(&map, Node::builder().id(2).name("b")));
    let child = add(&map, Node::builder().id(3).name("child"));
    map.connect(child, 0, a).expect("connected");
    let sent = planned(&map);
    map.connect(child, 0, b).expect("connected");
    done(&map, &sent);
    let shown = |node: ObjectRef, relation| map.store_at(node).link(node.slot, relation).targets();
    assert_eq!(shown(a, 1).map(|targets| targets.as_slice().to_vec()), Some(vec![]));
    assert_eq!(planned(&map).to_string(), "1. UPDATE nodes (parent_id) 1 row [3]\n");
    done(&map, &planned(&map));
    assert_eq!(shown(b, 1).map(|targets| targets.as_slice().to_vec()), Some(vec![child.slot]));
    assert_eq!(shown(child, 0).map(|targets| targets.as_slice().to_vec()), Some(vec![b.slot]));
    assert!(map.work().is_empty());
}

#[test]
fn a_pair_that_is_taken_back_meanwhile_is_deleted_next() {
    let map = IdentityMap::new();
    let author = add(&map, User::builder().id(1).email("a"));
    let post = add(&map, Post::builder().id(1).title("p"));
    map.connect(post, 0, author).expect("connected");
    let tag = add(&map, Tag::builder().id(1).name("t"));
    map.connect(post, 3, tag).expect("connected");
    let sent = planned(&map);
    map.disconnect(post, 3, tag).expect("disconnected");
    done(&map, &sent);
    let pair = Pair { owner: post, relation: 3, target: tag };
    assert_eq!(map.work().pairs.get(&pair), Some(&PairChange::Remove));
    let shown = map.store_at(post).link(post.slot, 3).targets();
    assert_eq!(shown.map(|targets| targets.as_slice().len()), Some(0));
    assert_eq!(planned(&map).to_string(), "1. DELETE post_tags 1 row  (many-to-many)\n");
}

#[test]
fn an_object_that_is_orphaned_meanwhile_is_deleted_next() {
    let map = IdentityMap::new();
    let parent = add(&map, Node::builder().id(1).name("parent"));
    let child = add(&map, Node::builder().id(2).name("child"));
    map.connect(parent, 1, child).expect("connected");
    let sent = planned(&map);
    map.disconnect(parent, 1, child).expect("disconnected");
    done(&map, &sent);
    assert_eq!(map.store_at(child).status(child.slot), Status::Persistent);
    let shown = map.store_at(parent).link(parent.slot, 1).targets();
    assert_eq!(shown.map(|targets| targets.as_slice().len()), Some(0));
    assert!(map.work().going().any(|object| object == child));
}

#[test]
fn a_deletion_meanwhile_waits() {
    let map = IdentityMap::new();
    let tag = add(&map, Tag::builder().id(1).name("a"));
    let other = add(&map, Tag::builder().id(2).name("b"));
    done(&map, &planned(&map));
    map.work().deleted.insert(tag);
    let mut loaded = Loaded::default();
    loaded.insert(tag, 0, Vec::new());
    let sent = plan(&map, &loaded, Checks::AtStatementEnd).expect("a plan").expect("nothing to read");
    map.work().deleted.insert(other);
    done(&map, &sent);
    assert_eq!(map.store_at(tag).status(tag.slot), Status::Deleted);
    assert_eq!(map.work().deleted.iter().copied().collect::<Vec<_>>(), [other]);
}
