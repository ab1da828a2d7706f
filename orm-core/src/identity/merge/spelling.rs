//! A row that is found by a key and spells it otherwise: its own spelling counts.

use super::sources::Sources;
use crate::{
    error::{Error, ErrorKind, Result},
    schema::EntityDef,
    value::{ComparableKey, Value, print_values},
};

impl Sources {
    /// The row with this key is there, and its key is spelled so.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityConflict`] where the graph has the row under both spellings.
    pub(crate) fn spell(&mut self, def: &'static EntityDef, key: &[Value], spelled: &[Value]) -> Result<()> {
        let (asked, found) = (ComparableKey::of(key), ComparableKey::of(spelled));
        if asked == found {
            return Ok(());
        }
        let of_def = |at: &usize| std::ptr::eq(self.nodes[*at].def, def);
        let key_of = |at: usize| self.nodes[at].key.as_ref().and_then(ComparableKey::of);
        let nodes: Vec<usize> = (0..self.nodes.len()).filter(of_def).collect();
        if nodes.iter().any(|at| key_of(*at) == found) {
            return Err(Error::new(
                ErrorKind::IdentityConflict,
                format!(
                    "what is merged has the keys [{}] and [{}], which are one row in the database; nothing was changed. Give one of them",
                    print_values(key),
                    print_values(spelled)
                ),
            )
            .with_entity(def.name)
            .with_key(print_values(spelled)));
        }
        let renamed: Vec<usize> = nodes.into_iter().filter(|at| key_of(*at) == asked).collect();
        for at in renamed {
            self.nodes[at].key = Some(spelled.to_vec());
        }
        Ok(())
    }
}
