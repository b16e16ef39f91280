//! E-mail addresses.

use std::fmt;

use crate::text::clean;

/// A checked address in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email {
    pub address: String,
    /// Byte index of the `@`.
    at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmailFault {
    Empty,
    /// No `@`, or more than one.
    At,
    /// The part before the `@` is empty, over 64 bytes, or has a character or dot where none may stand.
    Local,
    /// The domain is no domain name.
    Domain,
    /// Over 254 bytes in all (RFC 5321, 4.5.3.1.3 less the angle brackets).
    TooLong,
}

impl EmailFault {
    pub fn zh(self) -> &'static str {
        match self {
            Self::Empty => "邮箱为空",
            Self::At => "邮箱应有且只有一个 @",
            Self::Local => "@ 之前的部分无效",
            Self::Domain => "@ 之后的域名无效",
            Self::TooLong => "邮箱过长（最多 254 个字节）",
        }
    }
}

impl fmt::Display for EmailFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the e-mail address is empty",
            Self::At => "an e-mail address has exactly one @",
            Self::Local => "the part before the @ is not valid",
            Self::Domain => "the part after the @ is no domain name",
            Self::TooLong => "the e-mail address is longer than 254 bytes",
        })
    }
}

impl std::error::Error for EmailFault {}

/// Whom an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mailbox {
    /// A function: `sales@`, `info@`.
    Role,
    Person,
}

impl Email {
    pub fn local(&self) -> &str {
        &self.address[..self.at]
    }

    pub fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }

    pub fn mailbox(&self) -> Mailbox {
        const ROLES: [&str; 40] = [
            "admin",
            "administrator",
            "all",
            "biz",
            "business",
            "buyer",
            "contact",
            "customer",
            "cs",
            "enquiry",
            "export",
            "finance",
            "hello",
            "help",
            "hr",
            "info",
            "inquiry",
            "invoice",
            "it",
            "job",
            "jobs",
            "kefu",
            "mail",
            "market",
            "marketing",
            "noreply",
            "no-reply",
            "office",
            "order",
            "orders",
            "postmaster",
            "purchase",
            "purchasing",
            "sale",
            "sales",
            "service",
            "support",
            "tech",
            "webmaster",
            "xiaoshou",
        ];
        let name = self.local().trim_end_matches(|c: char| c.is_ascii_digit());
        if ROLES.contains(&name) { Mailbox::Role } else { Mailbox::Person }
    }

    /// Whether anybody can have an address there, so that the domain says nothing about the company.
    pub fn is_free_mail(&self) -> bool {
        const FREE: [&str; 36] = [
            "126.com",
            "139.com",
            "163.com",
            "163.net",
            "188.com",
            "189.cn",
            "21cn.com",
            "263.net",
            "aliyun.com",
            "aol.com",
            "eyou.com",
            "foxmail.com",
            "gmail.com",
            "gmx.com",
            "gmx.de",
            "hotmail.com",
            "icloud.com",
            "live.cn",
            "live.com",
            "mail.com",
            "mail.ru",
            "me.com",
            "msn.com",
            "outlook.com",
            "proton.me",
            "protonmail.com",
            "qq.com",
            "sina.cn",
            "sina.com",
            "sina.com.cn",
            "sohu.com",
            "tom.com",
            "vip.163.com",
            "vip.qq.com",
            "vip.sina.com",
            "yeah.net",
        ];
        FREE.contains(&self.domain())
            || self.domain().starts_with("yahoo.")
            || self.domain().starts_with("wo.")
    }

    /// Typed to get past a required field: `test@test.com`, `a@a.com`, `123@qq.com`.
    pub fn is_placeholder(&self) -> bool {
        let name = self.domain().split('.').next().unwrap_or_default();
        let numbers = self.local().len() >= 2 && "1234567890".starts_with(self.local());
        numbers
            || self.local() == name
            || matches!(
                self.local(),
                "test" | "abc" | "none" | "null" | "xxx" | "aaa" | "noemail" | "example"
            )
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

/// Reads one address: `mailto:`, a display name with angle brackets, full-width characters, `。` for the dot
/// and trailing punctuation are understood; letters become lower case. Non-ASCII domains are allowed (IDN).
///
/// # Errors
/// An [`EmailFault`].
pub fn parse(s: &str) -> Result<Email, EmailFault> {
    if s.len() > 1_000 {
        return Err(EmailFault::TooLong);
    }
    let cleaned = clean(s).to_lowercase().replace(['。', '．'], ".");
    let inner = match (cleaned.rfind('<'), cleaned.rfind('>')) {
        (Some(open), Some(close)) if open < close => &cleaned[open + 1..close],
        _ => &cleaned,
    };
    let junk =
        |c: char| matches!(c, ' ' | '<' | '>' | '.' | ',' | ';' | ':' | '"' | '\'' | '(' | ')' | '、' | '`');
    let text = inner.trim_matches(junk);
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let text = text.split('?').next().unwrap_or_default().trim_matches(junk);
    let address: String = match text.split_once('@') {
        Some((local, domain)) => format!("{}@{}", local.trim(), domain.trim()),
        None if text.is_empty() => return Err(EmailFault::Empty),
        None => return Err(EmailFault::At),
    };
    let Some((local, domain)) = address.split_once('@').filter(|(_, d)| !d.contains('@')) else {
        return Err(EmailFault::At);
    };
    if !is_local(local) {
        return Err(EmailFault::Local);
    }
    if !crate::url::is_host_name(domain) {
        return Err(EmailFault::Domain);
    }
    if address.len() > 254 {
        return Err(EmailFault::TooLong);
    }
    let at = local.len();
    Ok(Email { address, at })
}

/// Dot-atom of RFC 5322, 3.2.3, with letters of other scripts (RFC 6531).
fn is_local(local: &str) -> bool {
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.len() <= 64 && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

/// Hides the name: `l***@example.com`. Text without `@` is hidden whole.
pub fn mask(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().take(1).collect::<String>()),
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_read_however_they_are_written() {
        for text in [
            "lily@example.com",
            " Lily@Example.COM ",
            "mailto:lily@example.com",
            "ｌｉｌｙ＠example.com",
            "lily@example。com",
            "lily@example.com.",
            "lily@example.com；",
            "李丽 <lily@example.com>",
            "mailto:lily@example.com?subject=hi",
            "lily @ example.com",
            "\"lily@example.com\"",
        ] {
            assert_eq!(parse(text).map(|e| e.address).as_deref(), Ok("lily@example.com"), "{text}");
        }
        assert_eq!(parse("wang@例子.中国").map(|e| e.address).as_deref(), Ok("wang@例子.中国"));
    }

    #[test]
    fn faults_say_which_part_is_wrong() {
        let long = format!("{}@example.com", "a".repeat(65));
        for (text, fault) in [
            ("", EmailFault::Empty),
            ("无", EmailFault::At),
            ("lily@li@example.com", EmailFault::At),
            (".lily@example.com@", EmailFault::At),
            ("li..ly@example.com", EmailFault::Local),
            ("li ly@example.com", EmailFault::Local),
            (&long, EmailFault::Local),
            ("lily@example", EmailFault::Domain),
            ("lily@-example.com", EmailFault::Domain),
            ("lily@example..com", EmailFault::Domain),
            ("lily@1.2.3.4", EmailFault::Domain),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn roles_free_mail_and_placeholders_are_told_apart() {
        assert_eq!(parse("sales2@example.com").unwrap().mailbox(), Mailbox::Role);
        assert_eq!(parse("wangfang@example.com").unwrap().mailbox(), Mailbox::Person);
        assert!(parse("x@qq.com").unwrap().is_free_mail());
        assert!(!parse("x@example.com").unwrap().is_free_mail());
        assert!(parse("test@test.com").unwrap().is_placeholder());
        assert!(!parse("wangfang@example.com").unwrap().is_placeholder());
        assert_eq!(mask("lily@example.com"), "l***@example.com");
    }

    proptest! {
        #[test]
        fn any_text_is_safe_and_reading_is_idempotent(s in "\\PC{0,40}|[a-zA-Z0-9.@ <>＠。-]{0,30}") {
            mask(&s);
            if let Ok(email) = parse(&s) {
                prop_assert_eq!(parse(&email.address), Ok(email.clone()));
                email.mailbox();
                prop_assert_eq!(format!("{}@{}", email.local(), email.domain()), email.address);
            }
        }
    }
}
