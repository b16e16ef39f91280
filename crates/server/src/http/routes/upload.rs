//! What the forms with a file have in common.

use crate::http::failure::Failure;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::StatusCode;
use huike_model::{Code, Fault, Problem};

/// The longest value of a form's plain member.
const LONGEST: usize = 200;

/// # Errors
/// `unsupported_media` when the body is no form.
pub fn form(form: Result<Multipart, MultipartRejection>) -> Result<Multipart, Failure> {
    form.map_err(|_| {
        let detail = ("请以 multipart/form-data 上传文件", "Send the file as multipart/form-data");
        Failure::from(Problem::new(Code::UnsupportedMedia).with_detail(detail.0, detail.1))
    })
}

/// A plain member.
///
/// # Errors
/// `too_large`, `malformed`.
pub async fn short(field: &mut Field<'_>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            return Err(Code::TooLarge.into());
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::from(Code::Malformed))?;
    if text.contains('\0') { Err(Code::Malformed.into()) } else { Ok(text) }
}

pub fn broken(error: MultipartError) -> Failure {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge.into(),
        _ => Code::Malformed.into(),
    }
}

pub fn unknown_member(name: &str) -> Fault {
    Fault::new(
        name.replace('\0', ""),
        "unknown_member",
        format!("不认识“{name}”"),
        format!("“{name}” is not known here"),
    )
}
