//! Rows written together become what they become one by one.

use super::desk::{Desk, id_of};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::imports::chunk::{Outcome, process};
use crate::imports::draft::{CellText, Draft};
use crate::imports::job;
use crate::imports::names::Names;
use crate::imports::plan::{Plan, Targets};
use crate::imports::ready::{self, ReadyRow, Rights};
use crate::records::key_index::Crowded;
use crate::records::many;
use huike_store::testing::TestDb;
use huike_store::{Conn, Sql, StoreError};
use serde_json::json;

/// Row, kind, version before, and field and code of each fault.
type Told = (u32, &'static str, Option<i64>, Vec<(String, String)>);

/// What is left of a chunk before it is rolled back.
#[derive(Debug, PartialEq)]
struct Left {
    outcomes: Vec<Told>,
    tables: Vec<Vec<String>>,
}

enum Over {
    Played(Left),
    Failed(EngineError),
}

impl From<StoreError> for Over {
    fn from(error: StoreError) -> Over {
        Over::Failed(error.into())
    }
}

fn play(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    plan: &Plan,
    drafts: &[Draft],
    ready: &[Option<ReadyRow>],
) -> Left {
    let played = conn.savepoint(|conn| -> Result<(), Over> {
        let outcomes = process(conn, engine, cx, plan, drafts, ready).map_err(Over::Failed)?;
        Err(Over::Played(Left {
            outcomes: outcomes.iter().map(told).collect(),
            tables: tables(conn).map_err(Over::Failed)?,
        }))
    });
    match played {
        Err(Over::Played(left)) => left,
        Err(Over::Failed(error)) => panic!("{error}"),
        Ok(()) => unreachable!("a rehearsal is never kept"),
    }
}

fn told(outcome: &Outcome) -> Told {
    let faults = outcome.faults.iter().map(|fault| (fault.field.clone(), fault.code.clone())).collect();
    (outcome.row, outcome.kind.name(), outcome.before, faults)
}

/// Everything that a row leaves, told without ids: they differ from run to run.
fn tables(conn: &mut Conn) -> Result<Vec<Vec<String>>> {
    let texts = [
        "select number, name, name_sort, credit_code, phone, remark, raw, stage, cast(owner_id as text), cast(department_id as text), \
         cast(version as text), mobile_bx, mobile_tx, cast(contact_count as text) from customer order by number",
        "select p.number, c.name, c.name_sort, c.title, c.mobile_bx, c.raw, cast(c.owner_id as text), cast(c.version as text) \
         from contact c join customer p on p.id = c.customer order by p.number, c.name",
        "select p.number, cast(k.key as text) from (select key, record_id from match_key union all select key, record_id from match_key_new) k join customer p on p.id = k.record_id order by p.number, k.key",
        "select p.number, cast(k.key as text) from (select key, record_id from match_key union all select key, record_id from match_key_new) k join contact c on c.id = k.record_id join customer p on p.id = c.customer \
         order by p.number, k.key",
        "select l.object, l.op, p.number from change_log l join customer p on p.id = l.record_id order by p.number, l.id",
        "select l.object, l.op, c.name from change_log l join contact c on c.id = l.record_id order by c.name, l.op",
        "select cast(count(*) as text) from search_customer",
        "select cast(count(*) as text) from search_contact",
        "select cast(count(*) as text) from subject_key",
        "select rule, period, cast(next as text) from number_counter order by rule, period",
    ];
    let mut tables = Vec::new();
    for text in texts {
        let rows = conn.query(&Sql::raw(text))?;
        let row = |row: &huike_store::Row| {
            let cells = (0..row.len()).map(|at| row.opt_text(at).map(|text| text.unwrap_or("-").to_owned()));
            Ok::<_, StoreError>(cells.collect::<Result<Vec<String>, StoreError>>()?.join(" | "))
        };
        tables.push(rows.iter().map(row).collect::<Result<_, _>>()?);
    }
    Ok(tables)
}

/// A list as somebody keeps it: repeated, half filled, with mistakes. The same for the same number.
fn list(number: u64) -> Vec<Vec<String>> {
    const NAMES: [&str; 9] = [
        "上海远望仪器有限公司",
        "上海远望仪器公司",
        "北京恒通电气有限公司",
        "广州蓝海贸易有限公司",
        "成都天府包装厂",
        "武汉江汉机电有限公司",
        "西安秦川工具有限公司",
        "",
        "青岛海纳食品有限公司",
    ];
    const CODES: [&str; 6] =
        ["", "91330106YY00087E2Q", "91330106YY000GEW65", "91330106YY000QNB94", "不是代码", ""];
    const PHONES: [&str; 5] = ["", "021-58880001", "021-58880002", "电话", "15430009999"];
    const PEOPLE: [&str; 4] = ["", "张伟", "李娜", "王芳"];
    const MOBILES: [&str; 5] = ["", "15430001234", "15430001235", "12", "15430001236"];
    const OWNERS: [&str; 5] = ["", "", "boss", "没有这个人", "boss"];
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut pick = |from: &[&str]| {
        // xorshift (Marsaglia 2003): enough to mix a list.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        from[usize::try_from(state >> 33).unwrap() % from.len()].to_owned()
    };
    let filler = |row: usize| format!("无锡太湖第{row}机械厂");
    (0..40)
        .map(|row| {
            // Every other row is nobody else's.
            let name = if row % 2 == 0 { filler(row) } else { pick(&NAMES) };
            vec![
                name,
                pick(&CODES),
                pick(&PHONES),
                pick(&OWNERS),
                pick(&PEOPLE),
                pick(&MOBILES),
                format!("第{row}行"),
            ]
        })
        .collect()
}

fn rows_written_together_become_what_they_become_one_by_one(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    for (name, code) in [("成都天府包装厂", None), ("杭州西溪印务有限公司", Some("91330106YY000QNB94"))]
    {
        desk.company.create(&boss, "customer", json!({"name": name, "credit_code": code}));
    }
    let titles = ["客户名称", "统一社会信用代码", "单位电话", "负责人", "联系人", "手机", "备注"];
    let changes = [
        json!({}),
        json!({"on_duplicate": "create"}),
        json!({"mode": "upsert", "key": "credit_code"}),
        json!({"mode": "upsert", "key": "name", "on_duplicate": "create"}),
        json!({"mode": "update", "key": "name"}),
    ];
    let mut together = 0;
    for number in 0..10_u64 {
        let rows = list(number);
        let mut sheet: Vec<Vec<&str>> = vec![titles.to_vec()];
        sheet.extend(rows.iter().map(|row| row.iter().map(String::as_str).collect::<Vec<_>>()));
        let sheet: Vec<&[&str]> = sheet.iter().map(Vec::as_slice).collect();
        let import = desk.upload(&boss, "customer", &desk.sheet("list.xlsx", &sheet));
        let change = &changes[usize::try_from(number).unwrap() % changes.len()];
        desk.change(&boss, &import, change.clone()).unwrap();
        let (engine, cx, id) = (desk.engine().clone(), boss.clone(), id_of(&import));
        let (singly, at_once, ready) = desk.company.write(move |conn| {
            let definition = job::load(conn, cx.keys(), id)?.definition;
            let plan = Plan::check(&Targets::open(conn, &cx, "customer")?, &definition)?;
            let draft = |(at, row): (usize, &Vec<String>)| {
                let cells: Vec<CellText> = row.iter().map(|text| CellText::Text(text.clone())).collect();
                Draft::new(&plan, at as u32 + 2, &cells)
            };
            let drafts: Vec<Draft> = rows.iter().enumerate().map(draft).collect();
            let rights = Rights::of(conn, &cx, &plan)?;
            let (names, ids) = (Names::at_hand(&cx, &drafts), ready::ids(conn, ready::many(&drafts))?);
            let mut ready = ready::rows(&engine, &cx, &plan, &rights, &names, &drafts, &ids)?;
            // Every other time they are compared with what is there ahead of the write.
            let (on, crowded) = (ready::on_duplicate(&plan), Crowded::default());
            for row in ready.iter_mut().flatten() {
                if number % 2 == 0 || !row.related.is_empty() {
                    row.work_out(&cx)?;
                } else {
                    many::look(conn, &cx, &rights.main, on, &crowded, [&mut row.main].into_iter())?;
                }
            }
            let none: Vec<Option<ReadyRow>> = drafts.iter().map(|_| None).collect();
            let singly = play(conn, &engine, &cx, &plan, &drafts, &none);
            let at_once = play(conn, &engine, &cx, &plan, &drafts, &ready);
            Ok((singly, at_once, ready.iter().flatten().count()))
        });
        assert_eq!(singly.outcomes, at_once.outcomes, "{number}");
        for (singly, at_once) in singly.tables.iter().zip(&at_once.tables) {
            assert_eq!(singly, at_once, "{number}");
        }
        together += ready;
    }
    assert!(together > 80, "{together}: hardly any row was written together with others");
}

huike_store::on_both_databases!(rows_written_together_become_what_they_become_one_by_one);
