//! How many files of one customer there are: what the last search found and nobody has decided. Everything that speaks of duplicates counts
//! here.

use crate::error::Result;
use huike_model::Object;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};

/// The open groups as they stand: records that were deleted or merged since don't count, nor do groups with less than two left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub groups: u64,
    pub records: u64,
    /// Groups whose records belong to different departments.
    pub across: u64,
    /// When the last search that came to its end began; none when there was none.
    pub searched_at: Option<i64>,
}

/// # Errors
/// The database's.
pub fn standing(conn: &mut Conn, object: &Object) -> Result<Standing> {
    let department = match object.field("department") {
        Some(field) => format!("count(distinct t.{})", ident(&field.column)?),
        None => "1".to_owned(),
    };
    let table = ident(&object.name)?;
    let sql = Sql::with(
        format!(
            "select count(*), cast(sum(g.members) as bigint), cast(sum(case when g.departments > 1 then 1 else 0 end) as bigint) from (select m.group_id, \
             count(*) as members, {department} as departments from duplicate_group d join duplicate_member m on m.group_id = d.id \
             join {table} t on t.id = m.record_id where d.object = $1 and d.state = 'open' and d.kind = 'same' \
             and t.deleted_at is null group by m.group_id having count(*) > 1) g"
        ),
        [object.name.as_str().into()],
    )?;
    let row = conn.query_one(&sql)?;
    let number = |at: usize| -> Result<u64> { Ok(row.opt_int(at)?.unwrap_or_default().unsigned_abs()) };
    let (groups, records, across) = (number(0)?, number(1)?, number(2)?);
    let last = "select max(at) from duplicate_run where object = $1 and state = 'done'";
    let searched_at = conn.query_one(&Sql::with(last, [object.name.as_str().into()])?)?.opt_int(0)?;
    Ok(Standing { groups, records, across, searched_at })
}
