//! stub until merged
use crate::{database::Connection, error::Result, identity::IdentityMap, query::sql::TextCache};
pub(crate) async fn flush(_: &IdentityMap, _: &mut Connection, _: &TextCache) -> Result<()> {
    Ok(())
}
