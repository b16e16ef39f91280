//! `huike doctor`: whether everything that serving needs is in order.

use super::{Complaint, Place, open, say};
use huike_model::Lang;

pub fn run(place: &Place) -> Result<(), Complaint> {
    let config = place.config()?;
    open::log(&config);
    let engine = open::engine(&config)?;
    engine.check_files_blocking()?;
    let schema = engine.schema();
    let objects = schema.objects().count();
    let fields: usize = schema.objects().map(|object| object.fields().count()).sum();
    let people = engine.org().users().count();
    let company = engine.org().company.name.clone();
    let version = env!("CARGO_PKG_VERSION");
    let lines = [
        format!("{:<10} {version}", "version"),
        format!("{:<10} {:?}", "database", open::location(&config)),
        format!("{:<10} {company}", "company"),
        format!("{:<10} {objects} objects, {fields} fields, version {}", "dictionary", schema.version),
        format!("{:<10} {people} people, {} roles", "people", engine.org().roles().count()),
        format!("{:<10} {}", "address", config.address(config.listen)),
    ];
    let verdict = match Lang::from_accept(&std::env::var("LANG").unwrap_or_default()) {
        Lang::Zh => "一切正常",
        Lang::En => "everything is in order",
    };
    say(&format!("{}\n{verdict}", lines.join("\n")))
}
