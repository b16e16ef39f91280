//! The shipped dictionary: `objects/*.toml`, inside the binary.

use crate::error::{EngineError, Result};
use huike_model::schema::ObjectDefinition;
use huike_vault::hex;
use rust_embed::RustEmbed;

/// The folder `objects`.
#[derive(RustEmbed)]
#[folder = "../../objects"]
pub struct Standard;

/// Files in that folder that are no objects.
const OTHERS: [&str; 1] = ["roles.toml"];

/// The standard objects in the order of their files.
///
/// # Errors
/// A file that can't be read, by its name.
pub fn objects() -> Result<Vec<ObjectDefinition>> {
    let names = Standard::iter().filter(|name| name.ends_with(".toml") && !OTHERS.contains(&name.as_ref()));
    names
        .map(|name| {
            let file = Standard::get(&name)
                .ok_or_else(|| EngineError::internal(format!("objects/{name} is missing")))?;
            let text = std::str::from_utf8(&file.data)
                .map_err(|_| EngineError::internal(format!("objects/{name} is not UTF-8")))?;
            toml::from_str(text).map_err(|error| EngineError::internal(format!("objects/{name}: {error}")))
        })
        .collect()
}

/// Changes when a shipped file, the dictionary's version or the way tables are made changes.
pub fn fingerprint(version: i64) -> String {
    const TABLES: u32 = 4;
    let mut text = format!("{TABLES}.{version}");
    for name in Standard::iter() {
        if let Some(file) = Standard::get(&name) {
            text.push('.');
            text.push_str(&hex(&file.metadata.sha256_hash()[..4]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use huike_model::Schema;
    use huike_model::schema::Fragment;

    #[test]
    fn the_shipped_objects_make_a_dictionary() {
        let fragments: Vec<_> = objects()
            .unwrap()
            .into_iter()
            .map(|definition| Fragment { definition, custom: false, fields: vec![] })
            .collect();
        let schema = Schema::build(0, &fragments).unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert!(schema.objects().count() >= 30);
        assert!(schema.object("customer").is_some());
    }
}
