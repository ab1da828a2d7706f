//! Names that are legal and odd: of fields, of entities, of tables and columns, of the labels of enums.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend, refused};
use serde::{Deserialize, Serialize};

each_backend!(
    fields_of_any_name_are_columns,
    an_entity_with_a_raw_name_refers_to_itself,
    entities_and_types_of_one_letter_are_nobodys_parameters,
    a_default_of_the_type_is_written_as_it_is_called,
    names_in_the_database_hold_what_quotes_can,
    labels_hold_anything,
    names_that_are_too_long_are_refused_or_apart,
);

mod odd {
    #![allow(non_camel_case_types, reason = "names as a program may have them")]

    use super::{Deserialize, Serialize};
    use orm_core::prelude::*;

    #[derive(Entity)]
    #[orm(table = "odd_fields")]
    pub(super) struct Fields {
        #[orm(primary_key)]
        id: i64,
        _1: String,
        __: Option<i64>,
        _2nd: Option<i64>,
        größe: i64,
        名前: Option<String>,
        r#async: Option<bool>,
        row: Option<i64>,
        inner: Option<i64>,
        select: Option<i64>,
        len: Option<i64>,
        apply: Option<i64>,
        a_column_whose_name_is_sixty_three_characters_long_and_not_more: Option<i64>,
    }

    #[derive(Entity)]
    #[orm(table = "odd_types")]
    pub(super) struct r#type {
        #[orm(primary_key)]
        id: i64,
        parent_id: Option<i64>,
        #[orm(foreign_key = parent_id, back_populates = r#in)]
        parent: BelongsTo<Self>,
        #[orm(foreign_key = parent_id, back_populates = parent, order_by = id)]
        r#in: HasMany<Self>,
    }

    pub(super) type L = i64;
    pub(super) type V = Option<String>;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ColumnType)]
    pub(super) enum S {
        One,
        Two,
    }

    #[derive(Entity)]
    #[orm(table = "letters_t", deserialize)]
    pub(super) struct T {
        #[orm(primary_key)]
        id: L,
        v: V,
        s: S,
        m: Deferred<V>,
        #[orm(foreign_key = t_id)]
        a: HasMany<A>,
        #[orm(secondary = "letters_tn")]
        n: ManyToMany<N>,
    }

    #[derive(Entity)]
    #[orm(table = "letters_a", deserialize)]
    pub(super) struct A {
        #[orm(primary_key)]
        id: L,
        #[serde(with = "same")]
        v: V,
        t_id: L,
        #[orm(foreign_key = t_id, back_populates = a)]
        t: BelongsTo<T>,
    }

    #[derive(Entity)]
    #[orm(table = "letters_n", deserialize)]
    pub(super) struct N {
        #[orm(primary_key)]
        id: L,
        d_id: Option<L>,
        d: BelongsTo<D>,
    }

    #[derive(Entity)]
    #[orm(table = "letters_d", deserialize)]
    pub(super) struct D {
        #[orm(primary_key)]
        id: L,
        s: S,
    }

    mod same {
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub(super) fn serialize<S: Serializer>(value: &super::V, serializer: S) -> Result<S::Ok, S::Error> {
            value.serialize(serializer)
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<super::V, D::Error> {
            Option::deserialize(deserializer)
        }
    }
}

async fn fields_of_any_name_are_columns(db: TestDb) -> Outcome {
    use odd::Fields;
    let db = db.with(schema![Fields]).await?;
    let mut session = db.session();
    let object = session.insert(Fields::builder()._1("one").größe(7)).await?;
    object.set_名前("Ada");
    object.set__2nd(2);
    object.set_async(true);
    session.commit().await?;
    let query = Fields::select().filter(Fields::_1.eq("one")).filter(Fields::GRÖSSE.eq(7)).filter(Fields::_2ND.eq(2));
    let found = db.one(&query).await?;
    assert_eq!((found._1(), found.größe(), found.名前(), found.r#async()), ("one", 7, Some("Ada"), Some(true)));
    let json = serde_json::to_value(&found)?;
    assert_eq!((&json["_1"], &json["名前"], &json["async"]), (&"one".into(), &"Ada".into(), &true.into()));
    Ok(())
}

async fn an_entity_with_a_raw_name_refers_to_itself(db: TestDb) -> Outcome {
    use odd::r#type;
    let db = db.with(schema![r#type]).await?;
    let mut session = db.session();
    session.insert(r#type::builder().r#in([r#type::builder(), r#type::builder()])).await?;
    session.commit().await?;
    let root = db.one(&r#type::select().filter(r#type::ID.eq(1)).selectin(r#type::IN.joined(r#type::PARENT))).await?;
    let parents = root.r#in().iter().map(|child| child.parent().map(|parent| parent.id()));
    assert_eq!(parents.collect::<Vec<_>>(), [Some(1), Some(1)]);
    Ok(())
}

async fn entities_and_types_of_one_letter_are_nobodys_parameters(db: TestDb) -> Outcome {
    use odd::{A, D, N, S, T};
    let db = db.with(schema![D, N, T, A]).await?;
    let mut session = db.session();
    let n = N::builder().d(D::builder().s(S::Two));
    session.insert(T::builder().v("v").s(S::One).a([A::builder().v("a")]).n([n])).await?;
    session.commit().await?;
    let query = T::select().undefer(T::M).selectin(T::A).selectin(T::N.joined(N::D));
    let mut t = db.one(&query).await?;
    assert_eq!((t.v(), t.s(), t.a()[0].v()), (Some("v"), S::One, Some("a")));
    assert_eq!(t.n()[0].d().map(|d| d.s()), Some(S::Two));
    t.add_to_a(A::builder().v("b"))?;
    session.merge(&t).await?;
    session.commit().await?;
    assert_eq!(db.count(&A::select()).await?, 2);
    let read = serde_json::from_str::<Cached<Detached<T>>>(&serde_json::to_string(&t)?)?.vouch();
    assert_eq!(read.v(), Some("v"));
    let changes = serde_json::from_str::<Patch<A>>(r#"{ "v": "x" }"#)?.only(A::V)?;
    assert_eq!(changes.get(A::V), Some(Some("x".to_owned())));
    Ok(())
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ColumnType)]
struct Words(String);

#[derive(Entity)]
#[orm(table = "with_defaults")]
struct WithDefaults {
    #[orm(primary_key)]
    id: i64,
    #[orm(default = Default::default())]
    count: i64,
    #[orm(default = ::std::default::Default::default())]
    words: Words,
    #[orm(default)]
    flag: bool,
    #[orm(default = "text")]
    text: String,
    #[orm(default = String::default())]
    empty: String,
}

async fn a_default_of_the_type_is_written_as_it_is_called(db: TestDb) -> Outcome {
    let db = db.with(schema![WithDefaults]).await?;
    let session = db.session();
    let object = session.insert(WithDefaults::builder()).await?;
    assert_eq!((object.count(), object.words().0.as_str(), object.flag(), object.text()), (0, "", false, "text"));
    assert_eq!(object.empty(), "");
    Ok(())
}

#[derive(Entity)]
#[orm(table = "we\"ird `t` ?$1 'x'", index(name, name = "in\"d`ex ?"), unique(name, other, name = "uni\"que `? $1"))]
struct Weird {
    #[orm(primary_key, column = "i`d \"?\" $1")]
    id: i64,
    #[orm(column = "na\"me `?` $1 :x @y #z -- /* */ ;", length = 20)]
    name: String,
    #[orm(column = "o{ther} \\ %s", length = 20)]
    other: Option<String>,
    #[orm(column = "par'ent \"?`")]
    parent_id: Option<i64>,
    #[orm(foreign_key = parent_id, back_populates = children)]
    parent: BelongsTo<Weird>,
    #[orm(foreign_key = parent_id, back_populates = parent, order_by = id)]
    children: HasMany<Weird>,
    #[orm(secondary(table = "we\"ird ?` pairs", owner = "a \"?` $1", target = "b \"?` $2"))]
    friends: ManyToMany<Weird>,
}

async fn names_in_the_database_hold_what_quotes_can(db: TestDb) -> Outcome {
    let db = db.with(schema![Weird]).await?;
    let mut session = db.session();
    let root = Weird::builder().name("root").children([
        Weird::builder().name("one").other("1").build(),
        Weird::builder().name("two").friends([Weird::builder().name("friend")]).build(),
    ]);
    session.insert(root).await?;
    session.commit().await?;
    let query = Weird::select()
        .filter(Weird::NAME.eq("root"))
        .filter(Weird::CHILDREN.any(Weird::OTHER.contains("1")))
        .order_by(Weird::NAME.asc())
        .limit(5)
        .selectin(Weird::CHILDREN.selectin(Weird::FRIENDS).joined(Weird::PARENT));
    let root = session.one(&query).await?;
    let names: Vec<&str> = root.children().into_iter().map(|child| child.name()).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(root.children().last().map(|child| child.friends().len()), Some(1));
    for child in root.children() {
        child.set_other("changed");
    }
    session.flush().await?;
    let raw = Predicate::raw("{other} = ?", ["changed".into()]);
    assert_eq!(session.all(&Weird::select().filter(raw)).await?.len(), 2);
    let one = root.children().first().expect("one");
    session.delete(&one).await?;
    session.commit().await?;
    session.update(&Weird::update().filter(Weird::NAME.eq("two")).set(Weird::OTHER, "bulk")).await?;
    session.delete_where(Weird::NAME.eq("friend").and(Weird::PARENT_ID.is_null()).and(Weird::OTHER.eq("none"))).await?;
    session.commit().await?;
    assert_eq!(db.count(&Weird::select().filter(Weird::OTHER.eq("bulk"))).await?, 1);
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ColumnType)]
#[orm(postgres_enum = "odd\"mood ?`")]
enum Mood {
    #[orm(rename = "back\\slash")]
    Backslash,
    #[orm(rename = "two\\\\' OR '1'='1")]
    Two,
    #[orm(rename = "$orm_ddl$; DROP TABLE moods; --")]
    Dollar,
    #[orm(rename = "it's \"quoted\" `?` $1 {x}")]
    Quoted,
    #[orm(rename = "new\nline")]
    Line,
}

#[derive(Entity)]
#[orm(table = "moods")]
struct Moody {
    #[orm(primary_key)]
    id: i64,
    mood: Mood,
    maybe: Option<Mood>,
}

async fn labels_hold_anything(db: TestDb) -> Outcome {
    let db = db.with(schema![Moody]).await?;
    let all = [Mood::Backslash, Mood::Two, Mood::Dollar, Mood::Quoted, Mood::Line];
    let mut session = db.session();
    for mood in all {
        session.add(Moody::builder().mood(mood).maybe(mood))?;
    }
    session.commit().await?;
    for mood in all {
        let found =
            db.one(&Moody::select().filter(Moody::MOOD.eq(mood)).filter(Moody::MAYBE.in_([Some(mood)]))).await?;
        assert_eq!((found.mood(), found.maybe()), (mood, Some(mood)));
    }
    // What the database holds is the label, and what it refuses is not one.
    let query = db.sql("SELECT CAST(mood AS CHAR(60)) FROM moods ORDER BY id");
    let labels: Vec<String> =
        query.all::<String>().await?.into_iter().map(|label| label.trim_end().to_owned()).collect();
    assert_eq!(labels[..2], ["back\\slash", "two\\\\' OR '1'='1"]);
    // Written twice, it is there.
    db.create_all(schema![Moody]).await?;
    Ok(())
}

#[derive(Entity)]
#[orm(table = "a_table_whose_name_goes_on_and_on_until_it_is_longer_than_any_server_keeps_one")]
struct Long {
    #[orm(primary_key)]
    id: i64,
    a_column_that_is_longer_than_the_sixty_three_bytes_which_postgresql_keeps: i64,
}

#[derive(Entity)]
#[orm(table = "a_table_whose_name_goes_on_and_on_until_it_is_longer_than_any_server_keeps_two")]
struct Longer {
    #[orm(primary_key)]
    id: i64,
}

async fn names_that_are_too_long_are_refused_or_apart(db: TestDb) -> Outcome {
    let created = db.create_all(schema![Long]).await;
    if db.is_mysql() {
        let error = refused(created, ErrorKind::Schema);
        assert!(error.to_string().contains("characters and MySQL takes 64"), "{error}");
        return Ok(());
    }
    created?;
    let long = Long::builder().a_column_that_is_longer_than_the_sixty_three_bytes_which_postgresql_keeps(7);
    db.session().insert(long).await?;
    // Two that a server would take for one: silently one table.
    let both = db.create_all(schema![Long, Longer]).await;
    if db.is_postgres() {
        let error = refused(both, ErrorKind::Schema);
        assert!(error.to_string().contains("are one name to PostgreSQL"), "{error}");
        return Ok(());
    }
    both?;
    assert_eq!(db.count(&Longer::select()).await?, 0);
    Ok(())
}
