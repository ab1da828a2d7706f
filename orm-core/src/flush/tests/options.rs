//! Expired objects, keys of other kinds, and what relationships may be declared with.

use super::{Outcome, databases, entities::*, integers, sent, verbs};
use crate::{
    flush::flush,
    identity::{IdentityMap, ObjectRef},
    prelude::*,
    schema,
    state::Status,
    value::Value,
};

/// Children that the database deletes of its own.
#[derive(Entity)]
#[orm(table = "boxes")]
struct Box_ {
    #[orm(primary_key)]
    id: i64,
    label: String,
    #[orm(foreign_key = box_id, cascade = "all, delete-orphan", passive_deletes)]
    things: HasMany<Thing>,
}

#[derive(Entity)]
#[orm(table = "things")]
struct Thing {
    #[orm(primary_key)]
    id: i64,
    box_id: i64,
    #[orm(foreign_key = box_id, back_populates = things, on_delete = "cascade")]
    holder: BelongsTo<Box_>,
}

/// A key that the database makes and that has no order.
#[derive(Entity)]
#[orm(table = "tickets")]
struct Ticket {
    #[orm(primary_key, server_default = "(CAST(random() AS text))")]
    code: String,
    title: String,
    #[orm(foreign_key = ticket_code)]
    notes: HasMany<Note>,
}

#[derive(Entity)]
#[orm(table = "notes")]
struct Note {
    #[orm(primary_key)]
    id: i64,
    text: String,
    ticket_code: Option<String>,
    #[orm(foreign_key = ticket_code, back_populates = notes)]
    ticket: BelongsTo<Ticket>,
}

/// Refers to two columns of another table, part of its own key.
#[derive(Entity)]
#[orm(table = "cells")]
struct Cell {
    #[orm(primary_key, generated = false)]
    sheet: i64,
    #[orm(primary_key, generated = false)]
    number: i64,
    #[orm(primary_key, generated = false)]
    place: i64,
    #[orm(foreign_key = (sheet, number))]
    line: BelongsTo<Line>,
}

#[tokio::test]
async fn an_expired_object_writes_just_what_was_set() -> Outcome {
    for db in databases(schema![User, Profile, Post, Comment, Tag]).await {
        db.execute("INSERT INTO users (email, name) VALUES ('ada', 'Ada')", Vec::new()).await?;
        let map = IdentityMap::new();
        let mut connection = db.acquire().await?;
        let store = map.store_of(User::DEF);
        let slot = store.reserve(&[Value::BigInt(Some(1))]).expect("a key");
        let user = IdentityMap::object(User::DEF, slot);
        assert_eq!(store.status(slot), Status::Expired);
        store.set_value(slot, 2, &Value::String(Some("Countess".to_owned()))).expect("a text");
        map.work().touch(store, user);
        let log = db.statement_log();
        flush(&map, &mut connection, db.texts(), None).await?;
        let statements = sent(&log);
        assert_eq!(statements.len(), 1);
        assert!(statements[0].starts_with("UPDATE \"users\" SET \"name\" = "), "{statements:?}");
        assert!(map.work().is_empty() && store.draft_columns(slot).is_empty());
        assert_eq!(store.status(slot), Status::Expired);
        flush(&map, &mut connection, db.texts(), None).await?;
        assert_eq!(sent(&log), [""; 0]);
    }
    Ok(())
}

#[tokio::test]
async fn an_expired_object_with_a_version_is_read_first() -> Outcome {
    for db in databases(schema![Document]).await {
        db.execute("INSERT INTO documents (slug, version) VALUES ('a', 7)", Vec::new()).await?;
        let map = IdentityMap::new();
        let mut connection = db.acquire().await?;
        let store = map.store_of(Document::DEF);
        let slot = store.reserve(&[Value::BigInt(Some(1))]).expect("a key");
        let document: ObjectRef = IdentityMap::object(Document::DEF, slot);
        store.set_value(slot, 1, &Value::String(Some("b".to_owned()))).expect("a text");
        map.work().touch(store, document);
        let log = db.statement_log();
        flush(&map, &mut connection, db.texts(), None).await?;
        assert_eq!(verbs(&log), ["SELECT t0", "UPDATE documents"]);
        assert_eq!(store.value(slot, 1), Some(Value::String(Some("b".to_owned()))));
        assert_eq!(store.value(slot, 5), Some(Value::Int(Some(8))));
        map.work().deleted.insert(document);
        flush(&map, &mut connection, db.texts(), None).await?;
        assert_eq!(verbs(&log), ["DELETE documents"]);
    }
    Ok(())
}

#[tokio::test]
async fn children_that_are_not_loaded_are_left_to_the_database() -> Outcome {
    for db in databases(schema![Box_, Thing]).await {
        let mut session = db.session();
        session.insert(Box_::builder().label("a").things([Thing::builder(), Thing::builder()])).await?;
        session.insert(Box_::builder().label("b").things([Thing::builder()])).await?;
        session.commit().await?;
        let log = db.statement_log();
        let first = session.get_one::<Box_>(1).await?;
        session.delete(&first).await?;
        session.flush().await?;
        assert_eq!(verbs(&log), ["SELECT id", "DELETE boxes"]);
        // Loaded ones go by the session, so that it knows.
        let second = session.one(&Box_::select().selectin(Box_::THINGS)).await?;
        sent(&log);
        session.delete(&second).await?;
        session.flush().await?;
        assert_eq!(verbs(&log), ["DELETE things", "DELETE boxes"]);
        session.commit().await?;
        assert_eq!(integers(&mut db.acquire().await?, "SELECT count(*) FROM things").await?, [Some(0)]);
    }
    Ok(())
}

#[tokio::test]
async fn keys_without_an_order_are_matched_row_by_row() -> Outcome {
    for db in databases(schema![Ticket, Note]).await {
        let mut session = db.session();
        let ticket = |title: &str| Ticket::builder().title(title).notes([Note::builder().text(title)]);
        let tickets = session.insert_all([ticket("a"), ticket("b"), ticket("c")]).await?;
        let codes: Vec<(String, String)> =
            tickets.iter().map(|ticket| (ticket.code().to_owned(), ticket.title().to_owned())).collect();
        session.commit().await?;
        for (code, title) in codes {
            let query = Ticket::select().filter(Ticket::CODE.eq(code.as_str())).selectin(Ticket::NOTES);
            let ticket = session.one(&query).await?;
            assert_eq!(ticket.title(), title);
            assert_eq!(ticket.notes().iter().map(|note| note.text().to_owned()).collect::<Vec<_>>(), [title]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_foreign_key_may_be_part_of_the_key() -> Outcome {
    for db in databases(schema![Line, Cell]).await {
        let mut session = db.session();
        let line = session.add(Line::builder().sheet(4).number(2))?;
        let cell = session.add(Cell::builder().place(1).line(line).build())?;
        session.flush().await?;
        let cell = session.persisted(&cell)?;
        assert_eq!((cell.sheet(), cell.number(), cell.place()), (4, 2, 1));
        // The key is the object: another line would be another cell.
        let other = session.insert(Line::builder().sheet(5).number(2)).await?;
        cell.set_line(other)?;
        let error = session.flush().await.expect_err("another row");
        assert_eq!((error.kind(), error.attribute()), (ErrorKind::State, Some("line")));
        session.rollback().await?;
    }
    Ok(())
}
