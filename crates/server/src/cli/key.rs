//! `huike key`: keys for programs.

use super::{Complaint, Place, open, say, user};
use clap::Subcommand;
use huike_engine::session::keys::{self, NewKey};
use huike_engine::{Actor, Caller, Via};
use huike_model::Lang;

#[derive(Subcommand)]
pub enum Key {
    /// 在数据目录的主密钥文件中加入新的主密钥；向运行中的服务发送 SIGHUP 后启用 Add a newer master key to the data folder's key file;
    /// a running server takes it into use on SIGHUP, another one at its next start
    Rotate,
    /// 新建程序密钥并输出（只显示一次） Make a key for a program and print it (shown once)
    Add {
        /// 密钥代表的用户 The user on whose behalf the program acts
        #[arg(long, value_name = "LOGIN")]
        user: String,
        /// 密钥名称 What the key is for
        #[arg(long, default_value = "huike key add")]
        name: String,
        /// 允许修改 Allow changes; reading alone when not given
        #[arg(long)]
        write: bool,
        /// 失效时间，例如 2026-12-31T00:00:00Z When it ends; in 90 days when not given
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
    },
}

pub fn run(place: &Place, key: &Key) -> Result<(), Complaint> {
    let config = place.config()?;
    let Key::Add { user, name, write, expires_at } = key else {
        let newest = config.master_key.add_newer()?;
        return say(&format!(
            "已加入主密钥 {newest}，请另存一份 Added master key {newest}; keep a copy of it apart from the data"
        ));
    };
    open::log(&config);
    let engine = open::engine(&config)?;
    let owner = user::find(&engine, user)?;
    let caller = Caller { actor: Actor::User(owner), lang: Lang::Zh, via: Via::Cli, request: String::new() };
    let mut scopes = vec!["read".to_owned()];
    scopes.extend(write.then(|| "write".to_owned()));
    let new = NewKey { name: name.clone(), scopes, expires_at: expires_at.clone() };
    let cx = engine.cx(caller)?;
    let made = open::runtime()?.block_on(keys::create(&engine, &cx, new))?;
    say(&made.key)
}
