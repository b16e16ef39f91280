//! Somebody at a desk with files to bring in.

use crate::cx::{Actor, Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::imports::{ChangeRequest, Download};
use crate::records::list::{Count, ListRequest};
use crate::session::testing::Company;
use huike_model::{Id, Lang};
use huike_store::testing::TestDb;
use rust_xlsxwriter::Workbook;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub struct Desk {
    pub company: Company,
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new(db: &TestDb) -> Desk {
        Desk { company: Company::founded(db), folder: tempfile::tempdir().unwrap() }
    }

    pub fn engine(&self) -> &Engine {
        &self.company.engine
    }

    pub fn boss(&self) -> Cx {
        self.company.boss()
    }

    pub fn english(&self) -> Cx {
        let caller = Caller {
            actor: Actor::User(self.company.user("boss")),
            lang: Lang::En,
            via: Via::Page,
            request: String::new(),
        };
        self.engine().cx(caller).unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A sheet of texts, the titles among them.
    pub fn sheet(&self, name: &str, rows: &[&[&str]]) -> PathBuf {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (at, row) in rows.iter().enumerate() {
            for (column, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                sheet.write_string(at as u32, column as u16, *text).unwrap();
            }
        }
        let path = self.path(name);
        book.save(&path).unwrap();
        path
    }

    pub fn bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn upload(&self, cx: &Cx, object: &str, path: &Path) -> Json {
        self.try_upload(cx, object, path).unwrap()
    }

    pub fn try_upload(&self, cx: &Cx, object: &str, path: &Path) -> Result<Json> {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        self.company.wait(self.engine().create_import(cx.clone(), object.into(), name, path.to_owned()))
    }

    pub fn change(&self, cx: &Cx, import: &Json, change: Json) -> Result<Json> {
        let change: ChangeRequest = serde_json::from_value(change).unwrap();
        self.company.wait(self.engine().change_import(cx.clone(), id_of(import), change))
    }

    pub fn check(&self, cx: &Cx, import: &Json) -> Json {
        self.company.wait(self.engine().check_import(cx.clone(), id_of(import))).unwrap();
        self.settled(cx, import)
    }

    pub fn run(&self, cx: &Cx, import: &Json) -> Json {
        self.company.wait(self.engine().start_import(cx.clone(), id_of(import))).unwrap();
        self.settled(cx, import)
    }

    pub fn undo(&self, cx: &Cx, import: &Json) -> Json {
        self.company.wait(self.engine().undo_import(cx.clone(), id_of(import))).unwrap();
        self.settled(cx, import)
    }

    /// Uploads, changes and runs.
    pub fn bring_in(&self, cx: &Cx, object: &str, path: &Path, change: Json) -> Json {
        let import = self.upload(cx, object, path);
        self.change(cx, &import, change).unwrap();
        let done = self.run(cx, &import);
        assert_eq!(done["state"], "done", "{done:#}");
        done
    }

    /// The import when nobody works on it any more.
    pub fn settled(&self, cx: &Cx, import: &Json) -> Json {
        for _ in 0..3_000 {
            let now = self.company.wait(self.engine().import(cx.clone(), id_of(import))).unwrap();
            if !matches!(now["state"].as_str(), Some("checking" | "running" | "undoing")) {
                return now;
            }
            self.company.wait(async { tokio::time::sleep(Duration::from_millis(10)).await });
        }
        panic!("the import never ends");
    }

    /// Records as the caller sees them, by id.
    pub fn list(&self, cx: &Cx, object: &str, fields: &[&str]) -> Vec<Json> {
        let request = ListRequest {
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            expand: fields
                .iter()
                .filter(|field| matches!(**field, "owner" | "customer" | "parent"))
                .map(|f| (*f).to_owned())
                .collect(),
            sort: vec!["created_at".into()],
            limit: Some(200),
            ..ListRequest::default()
        };
        let page = self.company.wait(self.engine().list_records(cx.clone(), object.into(), request)).unwrap();
        let mut items = page["items"].as_array().unwrap().clone();
        items.sort_by_key(|item| item["id"].as_str().unwrap().to_owned());
        items
    }

    pub fn names(&self, cx: &Cx, object: &str) -> Vec<String> {
        self.list(cx, object, &["name"])
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn count(&self, cx: &Cx, object: &str) -> i64 {
        let request = ListRequest { count: Some(Count::Exact), limit: Some(1), ..ListRequest::default() };
        let page = self.company.wait(self.engine().list_records(cx.clone(), object.into(), request)).unwrap();
        page["count"].as_i64().unwrap()
    }

    /// What stands in a written file: the titles, and the rows by title.
    pub fn read(&self, download: &Download) -> (Vec<String>, Vec<Vec<String>>) {
        let book =
            huike_tabular::inspect(download.path(), "file", &huike_tabular::Limits::default()).unwrap();
        let mut sheet = book.open_sheet(0).unwrap();
        let mut rows: Vec<Vec<String>> = sheet
            .rows(1)
            .map(|row| row.unwrap().cells.iter().map(huike_tabular::Cell::display).collect())
            .collect();
        let titles = rows.remove(0);
        (titles, rows)
    }
}

pub fn id_of(import: &Json) -> i64 {
    import["id"].as_str().unwrap().parse::<Id>().unwrap().number()
}

/// Title and field of every column.
pub fn mapping(import: &Json) -> Vec<(String, Option<String>)> {
    let columns = import["columns"].as_array().unwrap();
    let text = |json: &Json| json.as_str().map(str::to_owned);
    columns.iter().map(|column| (text(&column["title"]).unwrap(), text(&column["field"]))).collect()
}

/// `[done, created, updated, skipped, failed]`.
pub fn counts(import: &Json) -> [i64; 5] {
    ["done", "created", "updated", "skipped", "failed"].map(|name| import["progress"][name].as_i64().unwrap())
}

/// Row, field and code of each fault of a report.
pub fn reported(import: &Json) -> Vec<(i64, String, String)> {
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let faults = import["report"]["faults"].as_array().unwrap();
    faults
        .iter()
        .map(|fault| (fault["row"].as_i64().unwrap(), text(&fault["field"]), text(&fault["code"])))
        .collect()
}

pub fn nothing() -> Json {
    json!({})
}
