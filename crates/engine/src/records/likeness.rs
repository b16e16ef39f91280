//! How like two records are, by the engine of `huike_matching::entity`: the same comparison while somebody types, in an import and over a whole
//! list.
//!
//! What a record is compared by is found from the dictionary: its name, the names, phones and addresses that merges kept, and its fields of the
//! types phone, email, address, credit code and identity card.

use super::key_index::{Crowded, Holders};
use super::load;
use super::match_key::MatchKey;
use super::values::Values;
use crate::cx::Cx;
use crate::error::Result;
use crate::merging::present_weights;
use huike_matching::entity::{
    Draft, Field as Part, Frequencies, KEY_RECORDS, Key, KeyKind, Prepared, Reason, Verdict, Weights, compare,
};
use huike_model::access::ObjectAccess;
use huike_model::kinds::FieldType;
use huike_model::{Field, Object};
use huike_store::Conn;
use huike_store::query::RecordQuery;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Which records a draft is compared with, beside those that share an exact value with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Among {
    /// Those that share most with it: while somebody looks at it.
    Similar,
    /// Those that share what may make them certainly the same ([`MatchKey::is_evidence`]): when it is only asked whether anything stops a
    /// new record.
    Evident,
}

impl Among {
    fn most(self) -> usize {
        match self {
            Among::Similar => 20,
            Among::Evident => 8,
        }
    }
}

/// How many records a young database is taken to have: in a small one every value would seem frequent.
const FEWEST: i64 = 10_000;

/// The kinds of key that are kept. Whole phone numbers and codes have keys of their own (`super::duplicates`); keys of mistyped values
/// would double the index for few finds.
const KEPT: [KeyKind; 8] = [
    KeyKind::Name,
    KeyKind::Brand,
    KeyKind::Start,
    KeyKind::Local,
    KeyKind::Mail,
    KeyKind::Domain,
    KeyKind::Road,
    KeyKind::Site,
];

/// What a field tells of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Name,
    Alias,
    Phone,
    Email,
    Address,
    Code,
    Identifier,
}

/// The fields that records of an object are compared by.
fn cells(object: &Object) -> Vec<(Arc<Field>, Cell)> {
    let of_type = |field: &Field| match field.kind {
        _ if field.name == object.name_field.name => Some(Cell::Name),
        FieldType::Phone => Some(Cell::Phone),
        FieldType::Email => Some(Cell::Email),
        FieldType::Address => Some(Cell::Address),
        FieldType::CreditCode => Some(Cell::Code),
        FieldType::IdCard => Some(Cell::Identifier),
        _ => None,
    };
    let mut found = Vec::new();
    for field in object.fields() {
        // Where losing values of a field are kept, more of the same is found.
        let kept = object
            .merge
            .kept_in(&field.name)
            .find_map(|from| object.field(from).and_then(|from| of_type(from)));
        let beside = object.merge.keep.iter().find(|keep| keep.from == field.name);
        let also = beside
            .is_some_and(|keep| object.merge.kept_in(&keep.into).any(|from| from == object.name_field.name));
        let cell = of_type(field).or(kept).or(also.then_some(Cell::Alias));
        match cell {
            Some(Cell::Name) if field.name != object.name_field.name => {
                found.push((field.clone(), Cell::Alias))
            }
            Some(cell) => found.push((field.clone(), cell)),
            None => {}
        }
    }
    found
}

/// The fields that a comparison reads.
pub(crate) fn fields(object: &Object) -> Vec<Arc<Field>> {
    cells(object).into_iter().map(|(field, _)| field).collect()
}

/// The fields that a reason of the comparison may come from.
fn behind(cells: &[(Arc<Field>, Cell)], part: Part) -> Vec<Arc<Field>> {
    let wanted = |cell: Cell| match part {
        Part::Name | Part::Branch | Part::Contact => matches!(cell, Cell::Name | Cell::Alias),
        Part::Region => matches!(cell, Cell::Name | Cell::Alias | Cell::Address | Cell::Phone),
        Part::Phone => cell == Cell::Phone,
        Part::Mail => cell == Cell::Email,
        Part::Address => cell == Cell::Address,
        Part::Code => cell == Cell::Code,
        Part::Born | Part::Identifier => cell == Cell::Identifier,
        Part::Together => true,
    };
    cells.iter().filter(|(_, cell)| wanted(*cell)).map(|(field, _)| field.clone()).collect()
}

/// The reasons of a verdict, each with the fields of a record that say so; not those behind which anything is that may not be read.
pub(crate) fn told<'a>(
    verdict: &'a Verdict,
    record: &Values,
    readable: impl Fn(&Field) -> bool,
) -> Vec<(Vec<Arc<Field>>, &'a Reason)> {
    let cells = cells(record.object());
    let by = move |reason: &'a Reason| {
        let mut behind = behind(&cells, reason.field);
        behind.retain(|field| !record.of(field).is_null());
        let told = !behind.is_empty() && behind.iter().all(|field| readable(field));
        told.then_some((behind, reason))
    };
    verdict.reasons.iter().filter_map(by).collect()
}

/// Makes records of one object ready to be compared.
pub(crate) struct Preparing {
    cells: Vec<(Arc<Field>, Cell)>,
    /// By their encrypted values too.
    sealed: bool,
}

impl Preparing {
    pub fn of(object: &Object, sealed: bool) -> Preparing {
        Preparing { cells: cells(object), sealed }
    }

    /// Whether these values say more to who may open sealed ones.
    fn needs_keys(&self, values: &Values) -> bool {
        self.sealed && self.cells.iter().any(|(field, _)| field.encrypted && !values.of(field).is_null())
    }

    pub fn record(&self, cx: &Cx, values: &Values) -> Prepared {
        prepared(cx, values, &self.cells, self.sealed)
    }
}

fn prepared(cx: &Cx, values: &Values, cells: &[(Arc<Field>, Cell)], sealed: bool) -> Prepared {
    let mut texts: Vec<(Cell, String)> = Vec::new();
    for (field, cell) in cells {
        let value = values.of(field);
        if value.is_null() || (field.encrypted && !sealed) {
            continue;
        }
        let text = match field.kind {
            FieldType::Address => field.kind.kind().display(value, field, &cx.moment),
            _ => value.as_text().unwrap_or_default().to_owned(),
        };
        texts.extend(text.lines().map(|line| (*cell, line.to_owned())));
    }
    let of = |wanted: Cell| -> Vec<&str> {
        texts.iter().filter(|(cell, _)| *cell == wanted).map(|(_, text)| text.as_str()).collect()
    };
    Prepared::new(&Draft {
        name: of(Cell::Name).first().copied().unwrap_or_default(),
        aliases: of(Cell::Alias),
        phones: of(Cell::Phone),
        emails: of(Cell::Email),
        addresses: of(Cell::Address),
        credit_codes: of(Cell::Code),
        identifiers: of(Cell::Identifier),
        ..Draft::default()
    })
}

/// A record as it is compared, with the keys under which records like it are found. Nothing of a sealed value is in it.
#[derive(Clone, Default)]
pub(crate) struct Likeness {
    prepared: Prepared,
    keys: Vec<(Key, MatchKey)>,
}

impl Likeness {
    pub fn of(cx: &Cx, values: &Values) -> Likeness {
        let object = values.object();
        let prepared = Preparing::of(object, false).record(cx, values);
        let kept = prepared.keys().into_iter().filter(|key| KEPT.contains(&key.kind));
        let keys = kept.map(|key| {
            let kept = kept_as(&object.name, &key);
            (key, kept)
        });
        let keys = keys.collect();
        Likeness { prepared, keys }
    }

    pub fn keys(&self) -> impl Iterator<Item = MatchKey> {
        self.keys.iter().map(|(_, kept)| *kept)
    }
}

fn kept_as(object: &str, key: &Key) -> MatchKey {
    let text = key.to_string();
    match key.kind {
        KeyKind::Local | KeyKind::Mail | KeyKind::Domain | KeyKind::Site => MatchKey::evident(object, &text),
        _ => MatchKey::alike(object, &text),
    }
}

/// What comparisons of one object's records are weighed by: asked of the database once, however many drafts are compared.
#[derive(Default)]
pub(crate) struct Scale(Option<(i64, Arc<Weights>)>);

impl Scale {
    /// How many records there are, about, and what each field says.
    fn of(&mut self, conn: &mut Conn, object: &str) -> Result<&(i64, Arc<Weights>)> {
        let known = match self.0.take() {
            Some(known) => known,
            None => {
                let records = conn.estimated_count(object)?.unwrap_or_default().max(FEWEST);
                (records, present_weights(conn, object)?)
            }
        };
        Ok(self.0.insert(known))
    }
}

/// What comparisons ask of the database, each thing once: true until something is written.
#[derive(Default)]
pub(crate) struct Asked {
    scale: Scale,
    pub holders: Holders,
    /// Records that drafts are compared with.
    others: HashMap<i64, Prepared>,
}

impl Asked {
    /// Who shares which keys are known to be crowded.
    pub fn beside(crowded: &Crowded) -> Asked {
        Asked { holders: Holders::beside(crowded), ..Asked::default() }
    }

    /// Of nothing but the scale, which writes don't change.
    pub fn again(self) -> Asked {
        Asked { scale: self.scale, ..Asked::default() }
    }

    /// Makes records ready to be compared with.
    ///
    /// # Errors
    /// The database's.
    pub fn meet(
        &mut self,
        conn: &mut Conn,
        cx: &Cx,
        object: &Arc<Object>,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<()> {
        /// Records of one query.
        const AT_ONCE: usize = 100;
        let missing: BTreeSet<i64> = ids.into_iter().filter(|id| !self.others.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<i64> = missing.into_iter().collect();
        let (everything, fields) = (ObjectAccess::of_the_system(object), fields(object));
        let preparing = Preparing::of(object, true);
        for ids in missing.chunks(AT_ONCE) {
            let mut query = RecordQuery::new(&everything, &cx.schema, &fields);
            query.filter = load::by_id(object, ids);
            query.limit = ids.len() as i64;
            let rows = query.run(conn)?;
            let found = load::records(conn, cx, object, &fields, rows)?;
            let ready = found.iter().map(|record| (record.id, preparing.record(cx, &record.values)));
            self.others.extend(ready);
        }
        Ok(())
    }
}

/// Records that may be the same as these values, with the verdict of the comparison. `known` are compared whatever they share. Who
/// has the keys of `likeness` has been asked.
///
/// # Errors
/// The database's.
pub(crate) fn compare_with_likely(
    conn: &mut Conn,
    cx: &Cx,
    (values, likeness): (&Values, &Likeness),
    known: &[i64],
    (among, asked): (Among, &mut Asked),
    except: impl Fn(i64) -> bool,
) -> Result<Vec<(i64, Verdict)>> {
    let object = values.object();
    let ids = nearest(likeness, known, (among, asked), &except);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    asked.meet(conn, cx, object, ids.iter().copied())?;
    let Asked { scale, holders, others } = asked;
    let (records, weights) = scale.of(conn, &object.name)?;
    let preparing = Preparing::of(object, true);
    let sealed = preparing.needs_keys(values).then(|| preparing.record(cx, values));
    let mine = sealed.as_ref().unwrap_or(&likeness.prepared);
    let others = || ids.iter().filter_map(|id| Some((*id, others.get(id)?)));
    let loaded = std::iter::once(mine).chain(others().map(|(_, other)| other));
    let mut frequencies = Frequencies::of(usize::try_from(*records).unwrap_or(usize::MAX), loaded);
    for (key, kept) in &likeness.keys {
        let holders = || holders.of(*kept).iter().filter(|id| !except(**id));
        let elsewhere = holders().filter(|id| !ids.contains(id)).count() as u32;
        if elsewhere > 0 {
            // Each of those that aren't compared is taken to be another one.
            frequencies.note(key, 1 + holders().count() as u32, 1 + elsewhere);
        }
    }
    Ok(others().map(|(id, other)| (id, compare(mine, other, weights, &frequencies))).collect())
}

/// What two records look like side by side. Nothing of a sealed value is in it.
///
/// # Errors
/// The database's.
pub(crate) fn between(
    conn: &mut Conn,
    cx: &Cx,
    (one, other): (&Values, &Values),
    scale: &mut Scale,
) -> Result<Verdict> {
    let object = one.object().clone();
    let preparing = Preparing::of(&object, false);
    let (one, other) = (preparing.record(cx, one), preparing.record(cx, other));
    let (records, weights) = scale.of(conn, &object.name)?;
    let frequencies = Frequencies::of(usize::try_from(*records).unwrap_or(usize::MAX), [&one, &other]);
    Ok(compare(&one, &other, weights, &frequencies))
}

/// The records that share most keys with a draft, `known` first.
pub(crate) fn nearest(
    likeness: &Likeness,
    known: &[i64],
    (among, asked): (Among, &Asked),
    except: impl Fn(i64) -> bool,
) -> Vec<i64> {
    // A key that few have says more.
    let mut shared: HashMap<i64, f64> =
        known.iter().filter(|id| !except(**id)).map(|id| (*id, f64::MAX)).collect();
    let telling = likeness.keys().filter(|key| among == Among::Similar || key.is_evidence());
    for key in telling {
        let few = asked.holders.few(key, KEY_RECORDS).iter().filter(|id| !except(**id));
        let share = 1.0 / few.clone().count().max(1) as f64;
        few.for_each(|id| *shared.entry(*id).or_default() += share);
    }
    let mut ranked: Vec<(i64, f64)> = shared.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked.into_iter().take(among.most()).map(|(id, _)| id).collect()
}
