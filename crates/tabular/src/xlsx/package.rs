//! The zip package: which parts it has, and what the workbook part says about sheets.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::part::{XmlPart, attribute};
use crate::{Found, Limits, Refusal};

/// A workbook has a few parts per sheet; archives with more are something else.
const MAX_PARTS: usize = 10_000;
const MAX_SHEETS: usize = 1_000;

type Part<'a> = XmlPart<ZipFile<'a, BufReader<File>>>;

/// An open package. Part names are compared without case and with either slash, as some writers use `\`.
pub(crate) struct Package {
    zip: ZipArchive<BufReader<File>>,
    parts: HashMap<String, usize>,
}

/// What the workbook part and its relationships say.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkbookParts {
    pub(crate) sheets: Vec<SheetPart>,
    pub(crate) shared_strings: Option<String>,
    pub(crate) styles: Option<String>,
    pub(crate) is_1904: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct SheetPart {
    pub(crate) name: String,
    pub(crate) part: String,
    pub(crate) hidden: bool,
}

struct Relationship {
    id: String,
    /// Last segment of the type's address: "worksheet", "styles" …
    kind: String,
    target: String,
}

impl Package {
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<Self, Refusal> {
        let file = File::open(path).map_err(|e| Refusal::from_io("file", &e))?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|e| zip_refusal("zip", &e))?;
        if zip.len() > MAX_PARTS {
            return Err(Refusal::ZipBomb { part: format!("{} parts", zip.len()) });
        }
        if zip.decompressed_size().is_some_and(|bytes| bytes > u128::from(limits.max_uncompressed_bytes)) {
            return Err(Refusal::ZipBomb { part: "zip".into() });
        }
        let mut parts = HashMap::new();
        for index in 0..zip.len() {
            if let Some(Ok(name)) = zip.name_for_index(index) {
                parts.entry(normalise(&name)).or_insert(index);
            }
        }
        Ok(Self { zip, parts })
    }

    /// Opens a part; `None` if the package has none of this name. `spent`: bytes inflated from other parts.
    pub(crate) fn part(
        &mut self,
        name: &str,
        spent: u64,
        limits: &Limits,
    ) -> Result<Option<Part<'_>>, Refusal> {
        let Some(&index) = self.parts.get(&normalise(name)) else { return Ok(None) };
        let file = self.zip.by_index(index).map_err(|e| zip_refusal(name, &e))?;
        let compressed = file.compressed_size();
        if file.size() > limits.max_uncompressed_bytes {
            return Err(Refusal::ZipBomb { part: name.to_owned() });
        }
        Ok(Some(XmlPart::new(file, name, compressed, spent, limits)))
    }

    /// Refuses macros, external links and packages that are no workbook, by the names of the parts.
    pub(crate) fn refuse_dangerous_parts(&self) -> Result<(), Refusal> {
        let names = || self.parts.keys().map(String::as_str);
        if names().any(|n| n.ends_with("vbaproject.bin") || n.contains("/macrosheets/")) {
            return Err(Refusal::Macros);
        }
        if let Some(part) = names().find(|n| n.contains("/externallinks/") && n.ends_with(".xml")) {
            return Err(Refusal::ExternalLinks { place: part.to_owned() });
        }
        if names().any(|n| n == "xl/connections.xml") {
            return Err(Refusal::ExternalLinks { place: "xl/connections.xml".into() });
        }
        if names().any(|n| n == "xl/workbook.bin") {
            return Err(Refusal::NotASpreadsheet { found: Found::Xlsb });
        }
        if names().any(|n| n == "content.xml") && names().any(|n| n == "mimetype") {
            return Err(Refusal::NotASpreadsheet { found: Found::OpenDocument });
        }
        Ok(())
    }

    /// Reads the list of sheets in the workbook's order.
    pub(crate) fn workbook_parts(&mut self, limits: &Limits) -> Result<WorkbookParts, Refusal> {
        let root = self.relationships("_rels/.rels", "", limits)?;
        let workbook = root
            .into_iter()
            .find(|r| r.kind == "officeDocument")
            .map_or_else(|| "xl/workbook.xml".to_owned(), |r| r.target);
        let (folder, file) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
        let relationships =
            self.relationships(&join(folder, &format!("_rels/{file}.rels")), folder, limits)?;
        let target = |kind: &str| relationships.iter().find(|r| r.kind == kind).map(|r| r.target.clone());
        if relationships.iter().any(|r| r.kind == "vbaProject" || r.kind == "xlMacrosheet") {
            return Err(Refusal::Macros);
        }
        let mut found = WorkbookParts {
            shared_strings: target("sharedStrings"),
            styles: target("styles"),
            ..WorkbookParts::default()
        };
        let Some(mut part) = self.part(&workbook, 0, limits)? else {
            return Err(Refusal::NotASpreadsheet { found: Found::OtherArchive });
        };
        let mut is_workbook = false;
        loop {
            match part.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "workbook" => is_workbook = true,
                    "workbookPr" => {
                        let value = attribute(&element, "date1904");
                        found.is_1904 = value.is_some_and(|v| v == "1" || v == "true");
                    }
                    "sheet" if is_workbook && found.sheets.len() < MAX_SHEETS => {
                        let id = attribute(&element, "id").unwrap_or_default();
                        let relationship = relationships.iter().find(|r| r.id == id && r.kind == "worksheet");
                        if let Some(relationship) = relationship {
                            found.sheets.push(SheetPart {
                                name: attribute(&element, "name").unwrap_or_default(),
                                part: relationship.target.clone(),
                                hidden: attribute(&element, "state").is_some_and(|s| s != "visible"),
                            });
                        }
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        if !is_workbook {
            return Err(Refusal::NotASpreadsheet { found: Found::OtherArchive });
        }
        Ok(found)
    }

    fn relationships(
        &mut self,
        part: &str,
        folder: &str,
        limits: &Limits,
    ) -> Result<Vec<Relationship>, Refusal> {
        let Some(mut part) = self.part(part, 0, limits)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        loop {
            match part.next()? {
                Event::Start(element)
                    if element.local_name().as_ref() == "Relationship" && found.len() < MAX_PARTS =>
                {
                    let target = attribute(&element, "Target").unwrap_or_default();
                    let kind = attribute(&element, "Type").unwrap_or_default();
                    found.push(Relationship {
                        id: attribute(&element, "Id").unwrap_or_default(),
                        kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                        target: join(folder, &target),
                    });
                }
                Event::Eof => return Ok(found),
                _ => {}
            }
        }
    }
}

pub(crate) fn zip_refusal(part: &str, error: &ZipError) -> Refusal {
    match error {
        ZipError::Io(error) => Refusal::from_io(part, error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            Refusal::Encrypted
        }
        other => Refusal::corrupt(part, other),
    }
}

fn normalise(name: &str) -> String {
    name.trim_start_matches(['/', '\\']).replace('\\', "/").to_lowercase()
}

/// Resolves a relationship's target against the folder of its source part.
fn join(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut segments: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').collect(),
    };
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    segments.retain(|segment| !segment.is_empty());
    segments.join("/")
}
