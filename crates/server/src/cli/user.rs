//! `huike user`: accounts, for whoever has the machine.

use super::{Complaint, Place, open, say};
use clap::Subcommand;
use huike_engine::access::roles;
use huike_engine::records::duplicates::OnDuplicate;
use huike_engine::session::password_reset::{self, PasswordReset};
use huike_engine::session::unlock;
use huike_engine::{Caller, Engine, Via};
use huike_model::{Fault, Id};
use serde_json::{Map, Value as Json};

#[derive(Subcommand)]
pub enum User {
    /// 新建用户，输出初始密码 Add a user and print the first password
    Add {
        login: String,
        /// 姓名 The person's name; the login when not given
        #[arg(long)]
        name: Option<String>,
        /// 角色代码，可多次给出 Code of a role, such as sales; may be given several times
        #[arg(long = "role", value_name = "CODE")]
        roles: Vec<String>,
    },
    /// 重置密码并解除锁定 Reset a password and end the lock
    Reset {
        login: String,
        /// 同时关闭两步验证 Also turn two-step sign-in off
        #[arg(long)]
        remove_totp: bool,
    },
}

pub fn run(place: &Place, user: &User) -> Result<(), Complaint> {
    let config = place.config()?;
    open::log(&config);
    let engine = open::engine(&config)?;
    let password = open::runtime()?.block_on(async {
        match user {
            User::Add { login, name, roles } => {
                add(&engine, login, name.as_deref().unwrap_or(login), roles).await
            }
            User::Reset { login, remove_totp } => reset(&engine, find(&engine, login)?, *remove_totp).await,
        }
    })?;
    say(&password)
}

async fn add(engine: &Engine, login: &str, name: &str, codes: &[String]) -> Result<String, Complaint> {
    let org = engine.org();
    let mut roles_of = Vec::new();
    let mut unknown = Vec::new();
    for code in codes {
        match org.role_by_code(code).and_then(|role| Id::new(role.id).ok()) {
            Some(role) => roles_of.push(role),
            None => unknown.push(Fault::new(
                "role",
                "unknown",
                format!("没有角色“{code}”"),
                format!("there is no role “{code}”"),
            )),
        }
    }
    if !unknown.is_empty() {
        return Err(unknown.into());
    }
    let fields = [("login", login), ("name", name)].map(|(field, text)| (field.to_owned(), Json::from(text)));
    let cx = engine.cx(Caller::system(Via::Cli))?;
    let user = engine.create_record(cx, "user".into(), Map::from_iter(fields), OnDuplicate::Allow).await?.id;
    engine.renew().await?;
    roles::set_user_roles(engine, &engine.cx(Caller::system(Via::Cli))?, user, &roles_of).await?;
    reset(engine, user, false).await
}

/// Gives a password that must be changed at the first sign-in.
async fn reset(engine: &Engine, user: i64, remove_totp: bool) -> Result<String, Complaint> {
    let cx = engine.cx(Caller::system(Via::Cli))?;
    unlock::unlock(engine, &cx, user).await?;
    Ok(password_reset::reset_password(engine, &cx, user, PasswordReset { password: None, remove_totp })
        .await?
        .password)
}

/// The user with a login name.
pub fn find(engine: &Engine, login: &str) -> Result<i64, Complaint> {
    let org = engine.org();
    let user = org.user_by_login(&login.to_ascii_lowercase()).map(|person| person.id);
    user.ok_or_else(|| {
        Complaint::Faults(vec![Fault::new(
            "user",
            "unknown",
            format!("没有用户“{login}”"),
            format!("there is no user “{login}”"),
        )])
    })
}
