//! Where the master key comes from.

use huike_engine::{KeyRing, MasterKey};
use huike_model::Fault;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The master key's source. `Debug` hides a key that was given as text.
#[derive(Clone, PartialEq, Eq)]
pub enum MasterKeySource {
    Text(String),
    File(PathBuf),
    /// A command for `sh -c`; what it prints is the key.
    Command(String),
    /// The file in the data folder, made on the first start.
    InData(PathBuf),
}

impl std::fmt::Debug for MasterKeySource {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MasterKeySource::Text(_) => out.write_str("Text(…)"),
            MasterKeySource::File(path) => write!(out, "File({})", path.display()),
            MasterKeySource::Command(_) => out.write_str("Command(…)"),
            MasterKeySource::InData(path) => write!(out, "InData({})", path.display()),
        }
    }
}

impl MasterKeySource {
    /// Reads the keys; makes one when the data folder has none, nothing else is configured, and the database is `fresh`: a new key
    /// would open nothing of an old one.
    ///
    /// # Errors
    /// What can't be read, and every fault in what was read; never a part of a key.
    pub fn read(&self, fresh: bool) -> Result<KeyRing, Vec<Fault>> {
        let (name, text) = match self {
            MasterKeySource::Text(text) => ("master_key", Ok(text.clone())),
            MasterKeySource::File(path) => ("master_key_file", read(path)),
            MasterKeySource::Command(command) => ("master_key_command", run(command)),
            MasterKeySource::InData(path) if path.exists() => ("master_key", read(path)),
            MasterKeySource::InData(path) if fresh => ("master_key", make(path)),
            MasterKeySource::InData(path) => ("master_key", Err(lost(path))),
        };
        let text = text.map_err(|fault| vec![fault.at(name)])?;
        KeyRing::parse(&text).map_err(|faults| {
            let fault = |(line, fault): &(usize, _)| -> Fault { described(name, *line, *fault) };
            faults.0.iter().map(fault).collect()
        })
    }

    /// Adds a newer key to the key file, the older ones staying; its number.
    ///
    /// # Errors
    /// When the keys don't come from a file, or the file can't be read or written.
    pub fn add_newer(&self) -> Result<u32, Vec<Fault>> {
        let (MasterKeySource::File(path) | MasterKeySource::InData(path)) = self else {
            let (zh, en) = (
                "主密钥不在文件中，请在其来源处更换",
                "The master key isn't in a file; change it where it comes from",
            );
            return Err(vec![unreadable(zh.into(), en.into())]);
        };
        let newest = self.read(false)?.current_id() + 1;
        let mut text = read(path).map_err(|fault| vec![fault])?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(MasterKey::generate(newest).to_line().as_str());
        text.push('\n');
        replace(path, &text).map_err(|fault| vec![fault])?;
        Ok(newest)
    }
}

fn described(name: &str, line: usize, fault: huike_engine::MasterKeyFault) -> Fault {
    Fault::new(name, "master_key", format!("第 {line} 行：{}", fault.zh()), format!("line {line}: {fault}"))
}

fn unreadable(zh: String, en: String) -> Fault {
    Fault::new("", "master_key", zh, en)
}

fn read(path: &Path) -> Result<String, Fault> {
    let place = path.display();
    fs::read_to_string(path)
        .map_err(|e| unreadable(format!("无法读取 {place}：{e}"), format!("{place}: {e}")))
}

fn run(command: &str) -> Result<String, Fault> {
    let failed =
        |what: String| unreadable(format!("命令失败：{what}"), format!("the command failed: {what}"));
    let output = Command::new("sh").args(["-c", command]).output().map_err(|e| failed(e.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("UTF-8".to_owned()))
}

fn lost(path: &Path) -> Fault {
    let place = path.display();
    unreadable(
        format!("找不到 {place}；请从备份恢复这个数据库的主密钥"),
        format!("{place} is missing; restore the master key of this database from a backup"),
    )
}

/// Makes a key that only this account can read.
fn make(path: &Path) -> Result<String, Fault> {
    let place = path.display();
    let line = format!("{}\n", MasterKey::generate(1).to_line().as_str());
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(line.as_bytes())?;
        // A key that is lost in a power cut takes every value sealed under it along.
        file.sync_all()
    };
    write()
        .map_err(|e| unreadable(format!("无法生成 {place}：{e}"), format!("{place} can't be made: {e}")))?;
    tracing::info!(file = %place, "made a master key; keep a copy of it apart from the data");
    Ok(line)
}

/// Writes the file anew beside the old one and puts it in its place: a power cut leaves one of them whole.
fn replace(path: &Path, text: &str) -> Result<(), Fault> {
    let place = path.display();
    let beside = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write()
        .map_err(|e| unreadable(format!("无法写入 {place}：{e}"), format!("{place} can't be written: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const KEY: &str = "7:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    #[test]
    fn the_first_start_makes_a_key_that_only_its_owner_reads_and_the_second_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/master.key");
        let source = MasterKeySource::InData(path.clone());
        let made = source.read(true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        let found = source.read(false).unwrap();
        assert_eq!(made.current().to_line(), found.current().to_line());
    }

    #[test]
    fn a_lost_key_of_an_old_database_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/master.key");
        let faults = MasterKeySource::InData(path.clone()).read(false).unwrap_err();
        assert!(faults[0].message.en.contains("restore"));
        assert!(!path.exists());
    }

    #[test]
    fn a_newer_key_joins_the_older_ones_and_becomes_the_current_one() {
        let folder = tempfile::tempdir().unwrap();
        let source = MasterKeySource::InData(folder.path().join("keys/master.key"));
        let first = source.read(true).unwrap();
        assert_eq!(source.add_newer().unwrap(), 2);
        let both = source.read(false).unwrap();
        assert_eq!(both.current_id(), 2);
        assert_eq!(first.current_id(), 1);
        assert!(MasterKeySource::Text(KEY.into()).add_newer().is_err());
    }

    #[test]
    fn a_key_comes_from_text_file_or_command() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, KEY).unwrap();
        let sources = [
            MasterKeySource::Text(KEY.into()),
            MasterKeySource::File(path),
            MasterKeySource::Command(format!("echo {KEY}")),
        ];
        for source in sources {
            assert_eq!(source.read(false).unwrap().current_id(), 7, "{source:?}");
        }
    }

    #[test]
    fn faults_name_the_setting_and_the_line_and_never_the_key() {
        let faults = MasterKeySource::Text(format!("{KEY}\n8:0011223344\nx:aa")).read(true).unwrap_err();
        assert_eq!(faults.len(), 2);
        assert!(faults.iter().all(|fault| fault.field == "master_key"));
        let text = format!("{faults:?}");
        assert!(
            text.contains("line 2") && text.contains("第 3 行") && !text.contains("0011223344"),
            "{text}"
        );
        let missing = MasterKeySource::File("/nonexistent/key".into()).read(true).unwrap_err();
        assert_eq!(missing[0].field, "master_key_file");
        let failed = MasterKeySource::Command("exit 3".into()).read(true).unwrap_err();
        assert!(failed[0].message.en.contains('3'));
        assert_eq!(format!("{:?}", MasterKeySource::Text(KEY.into())), "Text(…)");
    }
}
