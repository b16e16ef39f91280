//! On PostgreSQL everybody who writes would wait for the same few cells. So a cell is the sum of rows that are only ever added, and who has
//! added a few hundred in all folds those that nobody else holds.

use super::TallyDef;
use crate::StoreError;
use crate::ddl::LIVE;
use crate::sql::ident;

/// About so many rows are added between two foldings.
const FOLDED_EACH: u32 = 500;
/// At most so many are folded at once.
const FOLDED: u32 = 20_000;

impl TallyDef {
    pub(super) fn postgres(&self) -> Result<Vec<String>, StoreError> {
        let (table, cells) = (ident(&self.table)?, ident(&self.name())?);
        let keys = self.keys()?.join(", ");
        let sums = self.columns().split_off(self.by.len());
        let sums = sums.iter().map(|name| ident(name)).collect::<Result<Vec<_>, StoreError>>()?;
        let summed = sums.iter().map(|name| format!("sum({name})")).collect::<Vec<_>>().join(", ");
        let left = sums.iter().map(|name| format!("sum({name}) <> 0")).collect::<Vec<_>>().join(" or ");
        let grouped = |from: &str, sign: &str| {
            Ok::<_, StoreError>(format!(
                "insert into {cells} select {keys}, {summed} from (select {} from {from} where {LIVE}) as parts ({keys}, {}) group by {keys}",
                self.addition("", sign)?,
                sums.join(", ")
            ))
        };
        let moved = format!(
            "insert into {cells} select {} where old.{LIVE} union all select {} where new.{LIVE}",
            self.addition("old.", "-")?,
            self.addition("new.", "")?
        );
        // How often does not matter: what is folded again says the same.
        let fold = format!(
            "get diagnostics added = row_count; \
             if random() * {FOLDED_EACH} < added then \
             with gone as (delete from {cells} where ctid in (select ctid from {cells} limit {FOLDED} for update skip locked) returning *) \
             insert into {cells} select {keys}, {summed} from gone group by {keys} having {left}; end if"
        );
        let function = |when: &str, act: &str| {
            Ok::<_, StoreError>(format!(
                "create function {}() returns trigger language plpgsql as \
                 $$ declare added bigint; begin {act}; {fold}; return null; end $$",
                self.part(when)?
            ))
        };
        let trigger = |when: &str, each: &str| {
            let name = self.part(when)?;
            Ok::<_, StoreError>(format!(
                "create trigger {name} after {when} on {table} {each} execute function {name}()"
            ))
        };
        let changed = self
            .watched()?
            .iter()
            .map(|name| format!("old.{name} is distinct from new.{name}"))
            .collect::<Vec<_>>();
        Ok(vec![
            function("insert", &grouped("added_rows", "")?)?,
            function("update", &moved)?,
            function("delete", &grouped("gone_rows", "-")?)?,
            // These wait for those who are writing; what they wrote is counted then.
            trigger("insert", "referencing new table as added_rows for each statement")?,
            trigger("update", &format!("for each row when ({})", changed.join(" or ")))?,
            trigger("delete", "referencing old table as gone_rows for each statement")?,
            grouped(&table, "")?,
        ])
    }
}
