//! Entities in odd places and of odd sizes: in a function body, crate-private, with a dozen relationships, without a database.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend};

use crate::fixtures::{Kid, Parent};

each_backend!(an_entity_in_a_function_body, a_dozen_relationships);

async fn an_entity_in_a_function_body(db: TestDb) -> Outcome {
    #[derive(Entity)]
    #[orm(table = "locals")]
    struct Local {
        #[orm(primary_key)]
        id: i64,
        name: String,
        parent_id: Option<i64>,
        #[orm(foreign_key = parent_id)]
        parent: BelongsTo<Local>,
    }
    impl Local {
        fn shout(&self) -> String {
            self.name.to_uppercase()
        }
    }
    let db = db.with(schema![Local]).await?;
    let session = db.session();
    let root = session.insert(Local::builder().name("root")).await?;
    let leaf = session.insert(Local::builder().name("leaf").parent(root)).await?;
    // The user's own method, on a handle, through a relationship and on a detached value.
    assert_eq!(leaf.shout(), "LEAF");
    assert_eq!(leaf.parent().map(|parent| parent.shout()).as_deref(), Some("ROOT"));
    assert_eq!(session.detach(&leaf)?.shout(), "LEAF");
    Ok(())
}

mod wide {
    //! Twelve relationships of one entity, half of them to itself.

    use orm_core::prelude::*;

    #[derive(Entity)]
    #[orm(table = "hubs")]
    pub(crate) struct Hub {
        #[orm(primary_key)]
        id: i64,
        a_id: Option<i64>,
        b_id: Option<i64>,
        c_id: Option<i64>,
        d_id: Option<i64>,
        #[orm(foreign_key = a_id, back_populates = of_a)]
        a: BelongsTo<Hub>,
        #[orm(foreign_key = b_id, back_populates = of_b)]
        b: BelongsTo<Hub>,
        #[orm(foreign_key = c_id, back_populates = of_c)]
        c: BelongsTo<Hub>,
        #[orm(foreign_key = d_id, back_populates = of_d)]
        d: BelongsTo<Hub>,
        #[orm(foreign_key = a_id, back_populates = a)]
        of_a: HasMany<Hub>,
        #[orm(foreign_key = b_id, back_populates = b)]
        of_b: HasMany<Hub>,
        #[orm(foreign_key = c_id, back_populates = c)]
        of_c: HasMany<Hub>,
        #[orm(foreign_key = d_id, back_populates = d)]
        of_d: HasMany<Hub>,
        #[orm(foreign_key = first_id)]
        firsts: HasMany<Spoke>,
        #[orm(foreign_key = second_id)]
        seconds: HasMany<Spoke>,
        #[orm(secondary = "hub_spokes")]
        spokes: ManyToMany<Spoke>,
        #[orm(secondary = "hub_others")]
        others: ManyToMany<Spoke>,
    }

    #[derive(Entity)]
    #[orm(table = "spokes")]
    pub(crate) struct Spoke {
        #[orm(primary_key)]
        id: i64,
        first_id: Option<i64>,
        second_id: Option<i64>,
        #[orm(foreign_key = first_id, back_populates = firsts)]
        first: BelongsTo<Hub>,
        #[orm(foreign_key = second_id, back_populates = seconds)]
        second: BelongsTo<Hub>,
    }
}

async fn a_dozen_relationships(db: TestDb) -> Outcome {
    use wide::{Hub, Spoke};
    let db = db.with(schema![Hub, Spoke]).await?;
    let session = db.session();
    let centre = session.insert(Hub::builder()).await?;
    let spoke = session.insert(Spoke::builder().first(centre).second(centre)).await?;
    let hub =
        session.insert(Hub::builder().a(centre).b(centre).c(centre).d(centre).spokes([spoke]).others([spoke])).await?;
    session.commit_keeping().await?;
    let query = Hub::select()
        .filter(Hub::ID.eq(hub.id()))
        .joined(Hub::A.selectin(Hub::OF_A))
        .joined(Hub::B)
        .selectin(Hub::C.selectin(Hub::FIRSTS).selectin(Hub::SECONDS))
        .selectin(Hub::D.selectin(Hub::OF_D.selectin(Hub::OTHERS)))
        .selectin(Hub::OF_A)
        .selectin(Hub::OF_B)
        .selectin(Hub::OF_C)
        .selectin(Hub::OF_D)
        .selectin(Hub::FIRSTS)
        .selectin(Hub::SECONDS)
        .selectin(Hub::SPOKES)
        .selectin(Hub::OTHERS);
    let found = db.one(&query).await?;
    let d = found.d().expect("set");
    assert_eq!(d.of_d()[0].others()[0].id(), spoke.id());
    assert_eq!((found.c().map(|c| c.firsts().len()), found.spokes().len(), found.of_a().len()), (Some(1), 1, 0));
    Ok(())
}

/// A function of a program, tested without a database.
fn summary(parent: &Detached<Parent, loaded!(Parent { kids })>) -> String {
    let kids: Vec<&str> = parent.kids().iter().map(|kid| kid.name()).collect();
    format!("{}: {}", parent.name(), kids.join(", "))
}

#[test]
fn a_mock_is_a_detached_value_without_a_database() -> Outcome {
    let kids = [(1, "a"), (2, "b")].map(|(id, name)| Kid::builder().id(id).name(name));
    let mock = Parent::builder().id(1).name("P").kids(kids).into_detached()?;
    assert_eq!(summary(&mock), "P: a, b");
    Ok(())
}
