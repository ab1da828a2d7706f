//! Changes as a client sent them: nothing until the program has said what that client may set.

use std::fmt;

use super::{ChangeSet, Changes, EntityChanges};
use crate::{
    entity::Entity,
    error::{Error, ErrorKind, Result},
    handle::{Mergeable, Sources},
    relationship::{Attributes, IntoAttributes},
    schema::RelationKind,
};

/// The body of a PATCH: some columns of an `E`, as a client sent them. A field that is absent stays as it is, and `null` writes NULL.
///
/// It does nothing by itself: [`only`](Self::only) names what the client may set, and gives the [`Changes`] that `apply` and `merge`
/// take. A field that the entity does not have is an error where it is read, and so are a version, a read-only column and a key that the
/// database makes.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[derive(Entity)] #[orm(table = "users")]
/// # pub struct User {
/// #     #[orm(primary_key)] id: i64, name: String, nick: Option<String>, is_admin: bool, #[orm(sensitive)] password_hash: String,
/// # }
/// // In axum: `Json(patch): Json<Patch<User>>`.
/// async fn update(session: &mut Session, id: i64, patch: Patch<User>) -> Result<(), Error> {
///     let changes = patch.only((User::NAME, User::NICK))?;
///     let user = session.get_one::<User>(id).await?;
///     session.apply(&user, changes)?;
///     session.commit().await
/// }
///
/// # #[cfg(not(feature = "serde"))]
/// # fn main() {}
/// # #[cfg(feature = "serde")]
/// # fn main() -> serde_json::Result<()> {
/// let patch: Patch<User> = serde_json::from_str(r#"{ "nick": null, "is_admin": true }"#)?;
/// assert_eq!(patch.only((User::NAME, User::NICK)).map_err(|error| error.kind()).err(), Some(ErrorKind::NotAllowed));
///
/// let typo = serde_json::from_str::<Patch<User>>(r#"{ "nik": null }"#).expect_err("no such field");
/// assert!(typo.to_string().starts_with("`User` has no field `nik`, did you mean `nick`?"));
/// # Ok(()) }
/// ```
#[must_use = "a patch does nothing until `only` says what it may set"]
pub struct Patch<E: Entity> {
    set: ChangeSet<E>,
}

impl<E: Entity> Patch<E> {
    #[cfg(feature = "serde")]
    pub(super) fn new(set: ChangeSet<E>) -> Self {
        Self { set }
    }

    /// The changes, if all of them are of what is named here: columns, deferred columns, and to-ones for the columns of their foreign keys.
    ///
    /// What is not named is refused, whatever it is: say `User::PASSWORD_HASH` where a client may set even that.
    ///
    /// # Errors
    /// [`ErrorKind::NotAllowed`] where the client sent something else; names it.
    pub fn only(self, attributes: impl IntoAttributes<E>) -> Result<Changes<E>> {
        let named = Attributes::none().and(attributes);
        let foreign_keys = named.relations.iter().flat_map(|relation| {
            let relation = &E::DEF.relations[*relation];
            let keys = if relation.kind == RelationKind::BelongsTo { relation.foreign_key } else { &[] };
            keys.iter().filter_map(|key| E::DEF.column_of_field(key))
        });
        let allowed: Vec<usize> = named.columns.iter().copied().chain(foreign_keys).collect();
        let refused = |(column, _): &&_| !allowed.contains(column);
        let refused: Vec<&'static str> =
            self.set.values.iter().filter(refused).map(|(column, _)| E::DEF.columns[*column].field).collect();
        let Some(first) = refused.first() else { return Ok(Changes::<E>::from_set(self.set)) };
        let fields = refused.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
        Err(Error::new(ErrorKind::NotAllowed, format!("{fields} may not be set here; nothing was changed"))
            .with_entity(E::DEF.name)
            .with_attribute(*first)
            .with_verb("only"))
    }

    /// The fields of the columns that the client sent.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.set.fields()
    }

    /// Whether the client sent nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }
}

impl<E: Entity> Clone for Patch<E> {
    fn clone(&self) -> Self {
        Self { set: self.set.clone() }
    }
}

impl<E: Entity> Default for Patch<E> {
    fn default() -> Self {
        Self { set: ChangeSet::default() }
    }
}

impl<E: Entity> fmt::Debug for Patch<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patch ")?;
        self.set.fmt(f)
    }
}

/// An entity whose patches set what the client likes: none.
#[diagnostic::on_unimplemented(
    message = "a client sent this `Patch<{Self}>`: name what it may set first",
    label = "a patch, of which the client chose the columns",
    note = "`patch.only(({Self}::NAME, {Self}::NICK))?` gives the changes, with the columns that it may set in place of these"
)]
pub trait SetByClients {}

// Without any, rustc proposes to write one.
#[diagnostic::do_not_recommend]
impl SetByClients for fn() {}

/// Never: what it needs does not hold, and says why.
impl<E: Entity + SetByClients> EntityChanges<E> for Patch<E> {
    fn into_set(self) -> ChangeSet<E> {
        unreachable!("orm bug: a patch was applied")
    }

    fn from_set(_: ChangeSet<E>) -> Self {
        unreachable!("orm bug: a patch was made of changes")
    }
}

/// Never, as above.
impl<E: Entity + SetByClients> Mergeable<E, E::Bare> for Patch<E> {
    fn gather_into(self, _: &mut Sources) -> usize {
        unreachable!("orm bug: a patch was merged")
    }
}

/// An entity whose `Changes` are read from text: none.
#[diagnostic::on_unimplemented(
    message = "`Changes<{Self}>` are not read from what a client sends: that is a `Patch<{Self}>`",
    label = "the client would choose which columns of `{Self}` it sets",
    note = "take a `Patch<{Self}>`, and name what it may set: `let changes = patch.only(({Self}::NAME, {Self}::NICK))?;`"
)]
pub trait ReadsChanges<'de> {}

// Without any, rustc proposes to write one.
#[diagnostic::do_not_recommend]
impl<'de> ReadsChanges<'de> for fn() {}
