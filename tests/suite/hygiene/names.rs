//! Entities whose names, fields and surroundings shadow the standard library.

use orm_tests::{Outcome, TestDb, each_backend};

each_backend!(names_of_the_standard_library_may_be_shadowed, raw_identifiers_are_names_like_others);

/// Everything that a careless macro would take from the prelude.
mod shadowed {
    #![allow(dead_code, non_camel_case_types, reason = "they are there to be in the way")]

    use ::orm_core::prelude::{BelongsTo, Deferred, Entity, HasMany, ManyToMany};

    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct Vec;
    pub(super) struct Box;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) trait Send {}
    pub(super) trait Sync {}
    pub(super) trait Clone {}
    pub(super) trait Copy {}
    pub(super) trait Default {}
    pub(super) trait Into {}
    pub(super) trait From {}
    pub(super) trait Iterator {}
    pub(super) trait IntoIterator {}
    pub(super) trait Fn {}
    pub(super) trait Drop {}
    pub(super) mod core {}
    pub(super) mod std {}
    pub(super) mod orm_core {}
    pub(super) mod serde {}
    type bool = ();
    type usize = ();
    type str = ();

    #[derive(Entity)]
    #[orm(table = "strings")]
    pub(crate) struct String {
        #[orm(primary_key)]
        id: i64,
        vec: ::std::string::String,
        option: ::core::option::Option<::std::string::String>,
        result: Deferred<::core::option::Option<i64>>,
        #[orm(foreign_key = string_id)]
        values: HasMany<Value>,
    }

    #[derive(Entity)]
    #[orm(table = "values_")]
    pub(crate) struct Value {
        #[orm(primary_key)]
        id: i64,
        e: ::std::string::String,
        l: ::core::option::Option<i32>,
        m: ::core::option::Option<i32>,
        n: ::core::option::Option<i32>,
        src: i64,
        string_id: i64,
        #[orm(foreign_key = string_id, back_populates = values)]
        string: BelongsTo<String>,
        #[orm(secondary = "value_errors")]
        errors: ManyToMany<Error>,
    }

    #[derive(Entity)]
    #[orm(table = "errors")]
    pub(crate) struct Error {
        #[orm(primary_key)]
        id: i64,
        kind: i64,
    }
}

mod raw {
    #![allow(non_camel_case_types, reason = "a keyword is a name as well")]

    use ::orm_core::prelude::*;

    #[derive(Entity)]
    #[orm(table = "structs")]
    pub(crate) struct r#struct {
        #[orm(primary_key)]
        id: i64,
        r#type: String,
        r#match: Option<i64>,
        #[orm(foreign_key = r#fn)]
        r#impl: HasMany<Kind>,
    }

    #[derive(Entity)]
    pub(crate) struct Kind {
        #[orm(primary_key)]
        id: i64,
        r#fn: i64,
        #[orm(foreign_key = r#fn, back_populates = r#impl)]
        r#use: BelongsTo<r#struct>,
    }
}

async fn names_of_the_standard_library_may_be_shadowed(db: TestDb) -> Outcome {
    use orm_core::schema;
    use shadowed::{Error, String, Value};
    let db = db.with(schema![String, Value, Error]).await?;
    let session = db.session();
    let value = Value::builder().e("e").src(7).errors([Error::builder().kind(1)]);
    let string = session.insert(String::builder().vec("v").values([value])).await?;
    string.set_option("o");
    session.commit_keeping().await?;
    let query = String::select().undefer(String::RESULT).selectin(String::VALUES.selectin(Value::ERRORS));
    let found = db.one(&query).await?;
    assert_eq!((found.vec(), found.option(), found.result()), ("v", Some("o"), None));
    let value = &found.values()[0];
    assert_eq!((value.e(), value.l(), value.m(), value.n(), value.src()), ("e", None, None, None, 7));
    assert_eq!(value.errors()[0].kind(), 1);
    Ok(())
}

async fn raw_identifiers_are_names_like_others(db: TestDb) -> Outcome {
    use orm_core::{loaded, prelude::Detached, schema};
    use raw::{Kind, r#struct};
    let db = db.with(schema![r#struct, Kind]).await?;
    let session = db.session();
    let object = session.insert(r#struct::builder().r#type("t").r#impl([Kind::builder()])).await?;
    object.set_match(5);
    session.commit_keeping().await?;
    let query = r#struct::select().filter(r#struct::TYPE.eq("t")).selectin(r#struct::IMPL);
    let found: Detached<r#struct, loaded!(r#struct { r#impl })> = db.one(&query).await?;
    assert_eq!((found.r#type(), found.r#match(), found.r#impl().len()), ("t", Some(5), 1));
    let json = serde_json::to_value(&found)?;
    assert_eq!((&json["type"], &json["impl"][0]["fn"]), (&"t".into(), &1.into()));
    Ok(())
}
