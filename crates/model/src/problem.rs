//! The one table of errors that callers can meet (RFC 9457 problem details).

use crate::fault::Fault;
use crate::text::{Label, Lang};
use serde_json::{Map, Value as Json, json};

macro_rules! codes {
    ($($variant:ident $code:literal $status:literal $zh:literal $en:literal;)*) => {
        /// A stable error code with its HTTP status and its sentence in both languages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($variant,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            pub fn name(self) -> &'static str { match self { $(Code::$variant => $code,)* } }
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status,)* } }
            pub fn title(self) -> Label { match self { $(Code::$variant => Label::new($zh, $en),)* } }
        }
    };
}

codes! {
    Malformed "malformed" 400 "请求的格式不正确" "The request is not well-formed";
    BadFilter "bad_filter" 400 "筛选条件不正确" "The filter is not valid";
    BadCursor "bad_cursor" 400 "翻页标记无效，请从第一页重新开始" "The page cursor is not valid; start again from the first page";
    NotSignedIn "not_signed_in" 401 "请先登录" "Please sign in";
    BadCredentials "bad_credentials" 401 "账号或密码不正确" "The account or the password is not right";
    CodeRequired "code_required" 401 "请输入两步验证码" "Please enter the two-step code";
    Forbidden "forbidden" 403 "没有权限进行此操作" "You are not permitted to do this";
    CsrfFailed "csrf_failed" 403 "页面已过期，请刷新后重试" "The page has expired; reload it and try again";
    NotFound "not_found" 404 "没有找到，可能已被删除或不在您的权限范围内" "Not found: it may be deleted or out of your reach";
    MethodNotAllowed "method_not_allowed" 405 "不支持这种请求方式" "This method is not supported here";
    Conflict "conflict" 409 "与其他修改冲突，请重试" "This conflicts with another change; please try again";
    Duplicate "duplicate" 409 "可能已有相同的记录" "The same record may exist already";
    IdempotencyMismatch "idempotency_mismatch" 409 "同一个幂等键用于了不同的请求" "The idempotency key was used for another request";
    Stale "stale" 412 "记录已被他人修改，请查看最新内容后再保存" "Somebody changed the record; look at the latest before saving";
    TooLarge "too_large" 413 "内容太大" "The content is too large";
    UnsupportedMedia "unsupported_media" 415 "不支持这种内容格式" "This content type is not supported";
    Invalid "invalid" 422 "有内容需要修改" "Some values need attention";
    RefusedFile "refused_file" 422 "无法导入这个文件" "This file can't be imported";
    TooManyRequests "too_many_requests" 429 "操作过于频繁，请稍后再试" "Too many requests; please try again later";
    Locked "locked" 429 "登录失败次数过多，请稍后再试" "Too many failed sign-ins; please try again later";
    Internal "internal" 500 "系统出错了，已记录，请稍后重试" "Something went wrong and was recorded; please try again";
    Unavailable "unavailable" 503 "暂时无法服务，请稍后重试" "The service is not available for the moment; please try again";
}

/// An error as a caller sees it: one code, every fault, and what helps to mend it.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub code: Code,
    /// More than the code's sentence, when there is more to say.
    pub detail: Option<Label>,
    pub faults: Vec<Fault>,
    /// Further members, such as `current` of a stale write or `candidates` of a duplicate.
    pub extra: Map<String, Json>,
}

impl Problem {
    pub fn new(code: Code) -> Problem {
        Problem { code, detail: None, faults: Vec::new(), extra: Map::new() }
    }

    pub fn invalid(faults: Vec<Fault>) -> Problem {
        Problem { faults, ..Problem::new(Code::Invalid) }
    }

    pub fn with_detail(mut self, zh: impl Into<String>, en: impl Into<String>) -> Problem {
        self.detail = Some(Label::new(zh, en));
        self
    }

    pub fn with_faults(mut self, faults: Vec<Fault>) -> Problem {
        self.faults = faults;
        self
    }

    pub fn with(mut self, name: &str, value: Json) -> Problem {
        self.extra.insert(name.to_owned(), value);
        self
    }

    /// The body of the answer, in one language.
    pub fn to_json(&self, lang: Lang) -> Json {
        let title = self.code.title();
        let detail = self.detail.as_ref().unwrap_or(&title);
        let mut body = json!({
            "type": format!("/api/docs/problems#{}", self.code.name()),
            "title": title.get(lang),
            "status": self.code.status(),
            "detail": detail.get(lang),
            "code": self.code.name(),
            "errors": self.faults.iter().map(|fault| fault.to_json(lang)).collect::<Vec<_>>(),
        });
        if let Json::Object(members) = &mut body {
            members.extend(self.extra.clone());
        }
        body
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Problem {
        Problem::new(code)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.code.name())?;
        for fault in &self.faults {
            write!(out, "; {} {}", fault.field, fault.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_name_and_both_languages() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()));
            assert!(!code.title().zh.is_ascii() && code.title().en.is_ascii());
        }
    }
}
