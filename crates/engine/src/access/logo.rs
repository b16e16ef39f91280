//! The company's logo: a small picture that everybody sees, also who is about to sign in.

use super::Company;
use super::settings::{store, stored};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::files::media::media_type;
use crate::setting;
use huike_model::Fault;
use huike_model::access::AdminArea;
use huike_store::{Conn, Sql};
use huike_vault::{from_hex, hex, token};
use serde_json::json;

/// Bytes; a picture shown at 32 × 32 needs no more.
pub const LARGEST: usize = 256 << 10;
/// What every browser shows and what holds no program.
const TAKEN: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];
const KEY: &str = "company_logo";
/// Characters of the hash that tell one logo from the next.
const TAG: usize = 16;

/// A logo as it is sent.
pub struct Logo {
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// Takes a picture as the company's logo, or takes the logo away.
///
/// # Errors
/// `forbidden`; `invalid` for what is no PNG, JPEG or WebP picture or too large.
pub async fn put_logo(engine: &Engine, cx: &Cx, picture: Option<Vec<u8>>) -> Result<Option<String>> {
    cx.require_to_change(AdminArea::Settings)?;
    let kept = picture.map(checked).transpose()?;
    let tag = kept.as_ref().map(|text| hex(&token::hash(text)).chars().take(TAG).collect::<String>());
    let (this, author) = (engine.clone(), Author::from(&cx.caller));
    engine
        .write(move |conn| {
            // Read under lock, as every change of the company's settings.
            conn.execute(&Sql::raw("update setting set value = value where key = 'company'"))?;
            let before = stored(conn)?;
            let after = Company { logo: tag.clone(), ..before.clone() };
            if before.logo == after.logo {
                return Ok(after.logo);
            }
            setting::put(conn, KEY, kept.as_deref().unwrap_or_default())?;
            store(conn, &after)?;
            let note = Note::new("update", "settings", None)
                .change(json!({"logo": before.logo}), json!({"logo": after.logo}));
            append(conn, &this, &author, note)?;
            this.renew_after(conn);
            Ok(after.logo)
        })
        .await
}

/// The logo, if the company has one.
///
/// # Errors
/// The database's.
pub async fn logo(engine: &Engine) -> Result<Option<Logo>> {
    engine.read(read).await
}

fn read(conn: &mut Conn) -> Result<Option<Logo>> {
    let Some(text) = setting::get(conn, KEY)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let unreadable = || EngineError::internal("the company's logo can't be read");
    let (media_type, bytes) = text.split_once(' ').ok_or_else(unreadable)?;
    Ok(Some(Logo { media_type: media_type.to_owned(), bytes: from_hex(bytes).ok_or_else(unreadable)? }))
}

/// The picture as it is kept: its type and its bytes.
fn checked(bytes: Vec<u8>) -> Result<String> {
    if bytes.len() > LARGEST {
        let (zh, en) = ("图片不能超过 256 KB", "The picture must not be larger than 256 kB");
        return Err(Fault::new("file", "too_large", zh, en).into());
    }
    let media_type = media_type(&bytes, "");
    if !TAKEN.contains(&media_type) {
        let (zh, en) = ("请选择 PNG、JPEG 或 WebP 图片", "Choose a PNG, JPEG or WebP picture");
        return Err(Fault::new("file", "format", zh, en).into());
    }
    Ok(format!("{media_type} {}", hex(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company as Testing, code};
    use huike_model::Code;
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(a_logo_is_taken_shown_and_taken_away, only_a_small_picture_is_a_logo);

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest";

    fn a_logo_is_taken_shown_and_taken_away(db: &mut TestDb) {
        let company = Testing::founded(db);
        let put = |picture: Option<&[u8]>| {
            company.wait(put_logo(&company.engine, &company.boss(), picture.map(<[u8]>::to_vec))).unwrap()
        };
        let tag = put(Some(PNG)).unwrap();
        let shown = company.wait(logo(&company.engine)).unwrap().unwrap();
        assert_eq!((shown.media_type.as_str(), shown.bytes.as_slice()), ("image/png", PNG));
        assert_eq!(company.boss().org.company.logo, Some(tag.clone()));
        assert_eq!(put(Some(PNG)), Some(tag), "the same picture is no change");
        assert_eq!(put(None), None);
        assert!(company.wait(logo(&company.engine)).unwrap().is_none());
        let logged = company.log("update");
        assert_eq!(logged.iter().filter(|entry| entry.object == "settings").count(), 2);
    }

    fn only_a_small_picture_is_a_logo(db: &mut TestDb) {
        let company = Testing::founded(db);
        company.hire("sales", "sales");
        let put = |by: &str, picture: &[u8]| {
            code(company.wait(put_logo(&company.engine, &company.cx(by), Some(picture.to_vec()))))
        };
        assert_eq!(put("boss", b"<svg onload='x()'>"), Code::Invalid);
        let large = [PNG, &vec![0; LARGEST]].concat();
        assert_eq!(put("boss", &large), Code::Invalid);
        assert_eq!(put("sales", PNG), Code::Forbidden);
    }
}
