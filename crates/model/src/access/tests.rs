//! Several roles together give exactly what each of them gives alone, and nothing that comes of mixing them.

use super::*;
use crate::filter::{Facts, Path};
use crate::schema::{Fragment, ObjectDefinition};
use crate::text::Lang;
use proptest::prelude::*;
use serde_json::json;
use std::borrow::Cow;

const ME: i64 = 1;
const MINE: i64 = 10;
const BELOW: i64 = 11;

fn schema() -> Schema {
    let label = |text: &str| json!({"zh": text, "en": text});
    let object = |name: &str, fields: Json| -> Fragment {
        let definition = json!({"name": name, "label": label(name), "name_field": "name", "fields": fields});
        let definition: ObjectDefinition = serde_json::from_value(definition).unwrap();
        Fragment { definition, custom: false, fields: vec![] }
    };
    let name = json!({"name": "name", "type": "text", "label": label("名称")});
    let options =
        json!([{"value": "lead", "label": label("线索")}, {"value": "won", "label": label("成交")}]);
    let deal = json!([
        name,
        {"name": "stage", "type": "choice", "label": label("阶段"), "options": options},
        {"name": "amount", "type": "integer", "label": label("金额"), "level": "business"},
        {"name": "phone", "type": "text", "label": label("电话"), "level": "sensitive"},
    ]);
    let fragments =
        [object("user", json!([name])), object("department", json!([name])), object("deal", deal)];
    Schema::build(1, &fragments).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// A record as far as scopes look at it.
#[derive(Clone, Copy, Debug)]
struct Row {
    id: i64,
    owner: i64,
    department: i64,
    won: bool,
}

impl Facts for Row {
    fn value(&self, path: &Path) -> Cow<'_, Value> {
        Cow::Owned(match path.field.name.as_str() {
            "id" => Value::Int(self.id),
            "owner" => Value::Int(self.owner),
            "department" => Value::Int(self.department),
            "stage" => Value::from(if self.won { "won" } else { "lead" }),
            _ => Value::Null,
        })
    }

    fn blind(&self, _path: &Path) -> Option<String> {
        None
    }

    fn is_under(&self, _object: &str, id: i64, ancestor: i64) -> bool {
        id == ancestor
    }
}

struct Nobody;

impl Resolver for Nobody {
    fn departments_under(&self, department: i64) -> Vec<i64> {
        vec![department]
    }

    fn blind(&self, _object: &str, _field: &Field, _value: &Value) -> String {
        String::new()
    }
}

fn moment() -> Moment {
    Moment { now: 0, zone: chrono_tz::Asia::Shanghai, lang: Lang::Zh, me: ME, departments: vec![MINE, BELOW] }
}

fn scope() -> impl Strategy<Value = Scope> {
    let stage = |value: &str| Scope::Filter(json!({"field": "stage", "op": "eq", "value": value}));
    prop_oneof![
        Just(Scope::None),
        Just(Scope::Own),
        Just(Scope::Department),
        Just(Scope::DepartmentTree),
        Just(Scope::All),
        Just(stage("won")),
        Just(stage("lead")),
    ]
}

fn levels() -> impl Strategy<Value = BTreeMap<Level, FieldAccess>> {
    let access = prop_oneof![
        Just(FieldAccess::Hidden),
        Just(FieldAccess::Masked),
        Just(FieldAccess::Read),
        Just(FieldAccess::Write)
    ];
    prop::array::uniform4(access).prop_map(|access| Level::ALL.into_iter().zip(access).collect())
}

fn role() -> impl Strategy<Value = ObjectPermissions> {
    let beyond = prop::option::of((scope(), levels()));
    let flags = prop::array::uniform4(any::<bool>());
    (scope(), scope(), scope(), levels(), beyond, flags).prop_map(
        |(read, update, delete, levels, beyond, [create, import, export, share])| ObjectPermissions {
            read,
            create,
            update,
            delete,
            import,
            export,
            share,
            levels,
            fields: BTreeMap::new(),
            beyond: beyond.map(|(scope, levels)| Beyond { scope, levels, fields: BTreeMap::new() }),
        },
    )
}

/// Whether a scope holds a row, as docs/interface.md puts it.
fn holds(scope: &Scope, row: &Row, shared: &[i64]) -> bool {
    let own = row.owner == ME || shared.contains(&row.id);
    match scope {
        Scope::None => false,
        Scope::Own => own,
        Scope::Department => own || row.department == MINE,
        Scope::DepartmentTree => own || row.department == MINE || row.department == BELOW,
        Scope::All => true,
        Scope::Filter(filter) => (filter["value"] == "won") == row.won || shared.contains(&row.id),
    }
}

/// One role, evaluated by itself and in the plainest way.
struct Alone<'a>(&'a ObjectPermissions, &'a Shared);

impl Alone<'_> {
    fn primary(&self, row: &Row) -> bool {
        holds(&self.0.read, row, &self.1.read)
    }

    fn sees(&self, row: &Row) -> bool {
        self.primary(row)
            || self.0.beyond.as_ref().is_some_and(|beyond| holds(&beyond.scope, row, &self.1.read))
    }

    fn updates(&self, row: &Row) -> bool {
        self.primary(row) && holds(&self.0.update, row, &self.1.write)
    }

    fn deletes(&self, row: &Row) -> bool {
        self.primary(row) && holds(&self.0.delete, row, &[])
    }

    fn level(&self, field: &Field) -> FieldAccess {
        self.0.levels[&field.level]
    }

    fn opens(&self, row: &Row, field: &Field) -> FieldAccess {
        let most = if self.updates(row) { FieldAccess::Write } else { FieldAccess::Read };
        let own = if self.primary(row) { self.level(field).min(most) } else { FieldAccess::Hidden };
        let beyond = self.0.beyond.as_ref().filter(|beyond| holds(&beyond.scope, row, &self.1.read));
        own.max(
            beyond.map_or(FieldAccess::Hidden, |beyond| beyond.levels[&field.level].min(FieldAccess::Read)),
        )
    }
}

fn most(each: impl Iterator<Item = FieldAccess>) -> FieldAccess {
    each.max().unwrap_or_default()
}

fn marks(access: &ObjectAccess, row: &Row) -> Vec<bool> {
    access.grants().iter().map(|grant| grant.read.matches(row)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn roles_together_give_what_each_gives_alone(
        roles in prop::collection::vec(role(), 1..4),
        rows in prop::collection::vec((1_i64..6, prop_oneof![Just(ME), Just(2)], prop_oneof![Just(MINE), Just(BELOW), Just(20)], any::<bool>()), 1..6),
        read in prop::collection::vec(1_i64..6, 0..3),
        write in prop::collection::vec(1_i64..6, 0..2),
    ) {
        let schema = schema();
        let object = schema.object("deal").unwrap();
        let shared = Shared { read: [read, write.clone()].concat(), write };
        let permissions: Vec<Permissions> = roles
            .iter()
            .map(|role| Permissions { admin: BTreeSet::new(), objects: BTreeMap::from([("deal".to_owned(), role.clone())]) })
            .collect();
        let rules = Rules::build(&permissions.iter().collect::<Vec<_>>(), &schema).unwrap();
        let access = rules.access(object, &moment(), &shared, &Nobody);
        let alone: Vec<Alone<'_>> = roles.iter().map(|role| Alone(role, &shared)).collect();
        let fields: Vec<&Arc<Field>> = ["name", "amount", "phone"].iter().map(|name| object.field(name).unwrap()).collect();
        let (exporting, importing) = (access.clone().exporting(), access.clone().importing());
        for field in &fields {
            let creates = most(alone.iter().filter(|role| role.0.create).map(|role| role.level(field)));
            prop_assert_eq!(access.for_new(field), creates);
        }
        prop_assert_eq!(access.create, roles.iter().any(|role| role.create));
        for (id, owner, department, won) in rows {
            let row = Row { id, owner, department, won };
            let reached = marks(&access, &row);
            let visible = alone.iter().any(|role| role.sees(&row));
            prop_assert_eq!(access.read_scope().matches(&row), visible);
            prop_assert_eq!(reached.contains(&true), visible);
            prop_assert_eq!(access.update_scope().matches(&row), alone.iter().any(|role| role.updates(&row)));
            prop_assert_eq!(access.delete_scope().matches(&row), alone.iter().any(|role| role.deletes(&row)));
            let shares = alone.iter().any(|role| role.0.share && role.updates(&row));
            prop_assert_eq!(access.share_scope().matches(&row), shares);
            if let Some(all) = access.shares_what_it_changes() {
                prop_assert_eq!(all && access.update_scope().matches(&row), shares);
            }
            for field in &fields {
                let expected = most(alone.iter().map(|role| role.opens(&row, field)));
                prop_assert_eq!(access.on_row(field, &reached), expected, "{} of {:?}", field.name, row);
                prop_assert!(access.best(field) >= expected);
                // Without the marks nothing else must come out for those rows that are fetched.
                let unmarked = access.on_row(field, &vec![true; reached.len()]);
                if visible && access.is_uniform() {
                    prop_assert_eq!(unmarked.min(FieldAccess::Read), expected.min(FieldAccess::Read));
                }
                if visible && access.is_uniform_for_writing() {
                    prop_assert_eq!(unmarked, expected);
                }
                let knows = match access.reach(field, FieldAccess::Read) {
                    FieldReach::Nowhere => false,
                    FieldReach::Everywhere => visible,
                    FieldReach::Where(reach) => reach.matches(&row),
                };
                prop_assert_eq!(knows, expected >= FieldAccess::Read);
                let exported = most(alone.iter().filter(|role| role.0.export).map(|role| role.opens(&row, field)));
                let taken = exporting.as_ref().map_or(FieldAccess::Hidden, |access| access.on_row(field, &marks(access, &row)));
                prop_assert_eq!(taken, exported);
                let imported = alone.iter().any(|role| role.0.import && role.opens(&row, field) == FieldAccess::Write);
                let brought = importing.as_ref().is_some_and(|access| {
                    access.update_scope().matches(&row) && access.on_row(field, &marks(access, &row)) == FieldAccess::Write
                });
                prop_assert_eq!(brought, imported);
            }
        }
    }
}

#[test]
fn a_wide_reader_and_a_narrow_writer_write_no_more_than_the_writer() {
    let schema = schema();
    let object = schema.object("deal").unwrap();
    let all = |access: FieldAccess| Level::ALL.into_iter().map(|level| (level, access)).collect();
    let mut narrow =
        ObjectPermissions { read: Scope::Own, update: Scope::Own, ..ObjectPermissions::default() };
    narrow.levels =
        BTreeMap::from([(Level::General, FieldAccess::Write), (Level::Business, FieldAccess::Read)]);
    let wide = ObjectPermissions {
        read: Scope::All,
        levels: all(FieldAccess::Write),
        ..ObjectPermissions::default()
    };
    let of = |role: ObjectPermissions| Permissions {
        admin: BTreeSet::new(),
        objects: BTreeMap::from([("deal".to_owned(), role)]),
    };
    let rules = Rules::build(&[&of(narrow), &of(wide)], &schema).unwrap();
    let access = rules.access(object, &moment(), &Shared::default(), &Nobody);
    let open = |owner: i64, name: &str| {
        let row = Row { id: 1, owner, department: 20, won: false };
        access.on_row(object.field(name).unwrap(), &marks(&access, &row))
    };
    assert_eq!((open(ME, "name"), open(ME, "amount")), (FieldAccess::Write, FieldAccess::Read));
    assert_eq!((open(2, "name"), open(2, "phone")), (FieldAccess::Read, FieldAccess::Read));
}
