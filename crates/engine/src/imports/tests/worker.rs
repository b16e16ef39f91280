use super::desk::{Desk, counts, id_of, nothing};
use crate::engine::{Engine, Options};
use crate::imports::State;
use crate::jobs::lease::LEASE_MS;
use crate::session::set_up::set_up;
use crate::session::sign_in::Origin;
use crate::session::testing::founding;
use crate::{Actor, Caller, Cx, Via};
use huike_model::{Id, Lang};
use huike_store::testing::TestDb;
use huike_store::{Sql, Store};
use huike_vault::keys::KeyRing;
use serde_json::Value as Json;
use std::path::Path;
use std::time::Duration;

/// A list of this many customers.
fn list_of(rows: usize) -> String {
    let mut text = String::from("客户名称,备注\n");
    for at in 0..rows {
        text.push_str(&format!("示例{at:05}贸易有限公司,第 {at} 行\n"));
    }
    text
}

fn progress_is_told_and_cancelling_stops_behind_a_chunk(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let import = desk.upload(&boss, "customer", &desk.bytes("list.csv", list_of(12_000).as_bytes()));
    let mut events = desk.engine().import_events();
    desk.company.wait(desk.engine().start_import(boss.clone(), id_of(&import))).unwrap();
    let first = desk.company.wait(events.recv()).unwrap();
    assert_eq!(
        (first.id, first.by, first.state),
        (id_of(&import), desk.company.user("boss"), State::Running)
    );
    assert_eq!(first.to_json()["progress"]["done"], first.progress.done);
    let cancelled = desk.company.wait(desk.engine().cancel_import(boss.clone(), id_of(&import))).unwrap();
    assert_eq!(cancelled["state"], "cancelled");
    // Let the worker notice.
    let told = loop {
        let event = desk.company.wait(events.recv()).unwrap();
        if event.state == State::Cancelled {
            break event;
        }
    };
    let written = desk.count(&boss, "customer");
    assert!(written > 0 && written < 12_000, "{written}");
    assert_eq!(written, told.progress.done);
    desk.company.wait(async { tokio::time::sleep(Duration::from_millis(300)).await });
    assert_eq!(desk.count(&boss, "customer"), written);
    let undone = desk.undo(&boss, &import);
    assert_eq!(
        (undone["state"].as_str(), undone["undo"]["undone"].as_i64()),
        (Some("undone"), Some(written))
    );
    assert_eq!(desk.count(&boss, "customer"), 0);
}

/// An engine that can be closed and opened again.
struct Node {
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl Node {
    fn open(store: &Store, files: &Path) -> Node {
        let keys = KeyRing::parse("1:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=").unwrap();
        let engine = Engine::open(Options { store: store.clone(), keys, files: files.to_owned() }).unwrap();
        Node { engine, runtime: tokio::runtime::Runtime::new().unwrap() }
    }

    fn boss(&self) -> Cx {
        let user = self.engine.org().user_by_login("boss").unwrap().id;
        self.engine
            .cx(Caller { actor: Actor::User(user), lang: Lang::Zh, via: Via::Page, request: "r".into() })
            .unwrap()
    }

    fn import(&self, id: i64) -> Json {
        self.runtime.block_on(self.engine.import(self.boss(), id)).unwrap()
    }

    fn ended(&self, id: i64) -> Json {
        loop {
            let import = self.import(id);
            if import["state"] != "running" {
                return import;
            }
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(10)).await });
        }
    }

    fn int(&self, text: &str) -> i64 {
        let sql = Sql::raw(text);
        self.runtime.block_on(self.engine.read(move |conn| Ok(conn.query_one(&sql)?.int(0)?))).unwrap()
    }

    /// Lets the import begin and stops this node once some of it is written.
    fn begin(&self, id: i64) {
        let mut events = self.engine.import_events();
        self.runtime.block_on(self.engine.start_import(self.boss(), id)).unwrap();
        self.runtime.block_on(events.recv()).unwrap();
        self.engine.stop_imports();
    }

    /// Ends as a process that is killed does: nothing is given back.
    fn crash(self, id: i64, now: i64) {
        let Node { engine, runtime } = self;
        // The thread ends behind its chunk; then its lease stands as if it had never said goodbye.
        let work = async {
            loop {
                let held = engine.read(move |conn| {
                    let sql = Sql::with(
                        "select count(*) from import_job where id = $1 and holder is not null",
                        [id.into()],
                    )?;
                    Ok(conn.query_one(&sql)?.int(0)?)
                });
                if held.await.unwrap() == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let lease = now + LEASE_MS;
            let write = engine.write(move |conn| {
                let sql = "update import_job set holder = 'dead', lease_until = $1 where id = $2";
                Ok(conn.execute(&Sql::with(sql, [lease.into(), id.into()])?)?)
            });
            assert_eq!(write.await.unwrap(), 1);
        };
        runtime.block_on(work);
        drop(runtime);
    }
}

fn an_import_goes_on_after_a_crash_without_a_row_twice(db: &mut TestDb) {
    const ROWS: usize = 12_000;
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("list.csv");
    std::fs::write(&path, list_of(ROWS)).unwrap();
    let node = Node::open(&db.store, files.path());
    node.runtime.block_on(set_up(&node.engine, founding(), Origin::default())).unwrap();
    let import = node
        .runtime
        .block_on(node.engine.create_import(node.boss(), "customer".into(), "list.csv".into(), path))
        .unwrap();
    let id: i64 = import["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    node.begin(id);
    let now = node.engine.now();
    node.crash(id, now);
    db.reopen();

    let node = Node::open(&db.store, files.path());
    let halfway = node.int("select count(*) from customer");
    assert!(halfway > 0 && (halfway as usize) < ROWS, "{halfway}");
    assert_eq!(node.import(id)["progress"]["done"], halfway);
    assert_eq!(node.runtime.block_on(node.engine.resume_imports()).unwrap(), 0, "the lease still stands");
    db.clock.advance_ms(LEASE_MS + 1);
    assert_eq!(node.runtime.block_on(node.engine.resume_imports()).unwrap(), 1);
    let done = node.ended(id);
    assert_eq!((done["state"].as_str(), counts(&done)), (Some("done"), [ROWS as i64, ROWS as i64, 0, 0, 0]));
    for text in [
        "select count(*) from customer",
        "select count(distinct name) from customer",
        "select count(distinct record_id) from import_row",
    ] {
        assert_eq!(node.int(text), ROWS as i64, "{text}");
    }
    drop(node);
}

fn an_import_that_ends_its_process_again_and_again_fails(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let import = desk.upload(&boss, "customer", &desk.bytes("list.csv", list_of(3).as_bytes()));
    let id = id_of(&import);
    let progress = r#"{"attempts": 5}"#;
    desk.company.write(move |conn| {
        let sql = "update import_job set state = 'running', progress = $1 where id = $2";
        Ok(conn.execute(&Sql::with(sql, [progress.into(), id.into()])?)?)
    });
    desk.company.wait(desk.engine().resume_imports()).unwrap();
    let ended = desk.settled(&boss, &import);
    assert_eq!((ended["state"].as_str(), desk.count(&boss, "customer")), (Some("failed"), 0));
}

fn a_file_that_was_altered_ends_the_import_with_the_reason(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let import = desk.upload(&boss, "customer", &desk.bytes("list.csv", list_of(3).as_bytes()));
    std::fs::write(crate::imports::source::path(desk.engine(), id_of(&import)), b"%PDF-1.7").unwrap();
    let ended = desk.run(&boss, &import);
    assert_eq!(ended["state"], "failed");
    assert!(ended["message"].as_str().unwrap().contains("重新上传"), "{}", ended["message"]);
}

fn files_and_samples_go_a_month_later_and_what_they_brought_stays(db: &mut TestDb) {
    let desk = Desk::new(db);
    let done =
        desk.bring_in(&desk.boss(), "customer", &desk.bytes("list.csv", list_of(3).as_bytes()), nothing());
    desk.company.clock.advance_ms(31 * 24 * 60 * 60 * 1_000);
    let tended = desk.engine().clone();
    let mut task = Box::pin(crate::imports::tend(tended));
    let ended = desk.company.wait(async { tokio::time::timeout(Duration::from_secs(1), &mut task).await });
    assert!(ended.is_err(), "it goes on for as long as the node does");
    let boss = desk.boss();
    let kept = desk.company.wait(desk.engine().import(boss.clone(), id_of(&done))).unwrap();
    assert_eq!(
        (&kept["preview"], &kept["columns"][0]["samples"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    assert!(!crate::imports::source::path(desk.engine(), id_of(&done)).exists());
    assert_eq!(desk.count(&boss, "customer"), 3);
}

huike_store::on_both_databases!(
    progress_is_told_and_cancelling_stops_behind_a_chunk,
    an_import_goes_on_after_a_crash_without_a_row_twice,
    an_import_that_ends_its_process_again_and_again_fails,
    a_file_that_was_altered_ends_the_import_with_the_reason,
    files_and_samples_go_a_month_later_and_what_they_brought_stays,
);
