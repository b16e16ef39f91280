//! Web addresses.

use std::fmt;

use crate::text::clean;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UrlFault {
    Empty,
    /// Another scheme than http and https.
    Scheme,
    /// The host is no domain name and no IPv4 address.
    Host,
    Port,
    /// A user name before the host, which hides where a link leads.
    UserInfo,
    /// White space or quotes inside.
    Character,
    /// Over 2,048 bytes.
    TooLong,
}

impl UrlFault {
    pub fn zh(self) -> &'static str {
        match self {
            Self::Empty => "网址为空",
            Self::Scheme => "网址只能以 http:// 或 https:// 开头",
            Self::Host => "网址中的域名无效",
            Self::Port => "网址中的端口无效",
            Self::UserInfo => "网址中不能带用户名",
            Self::Character => "网址中有不允许的字符",
            Self::TooLong => "网址过长（最多 2048 个字节）",
        }
    }
}

impl fmt::Display for UrlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the address is empty",
            Self::Scheme => "a web address begins with http:// or https://",
            Self::Host => "the domain name is not valid",
            Self::Port => "the port is not valid",
            Self::UserInfo => "a user name is not allowed in a web address",
            Self::Character => "it has a character that no web address has",
            Self::TooLong => "the address is longer than 2,048 bytes",
        })
    }
}

impl std::error::Error for UrlFault {}

/// Reads a web address and gives its normal form: scheme and host in lower case, `https://` when none was
/// written, no default port, no trailing dot of the host, no lone `/` as path. Full-width characters and
/// `。` in the host are understood.
///
/// # Errors
/// A [`UrlFault`].
pub fn parse(s: &str) -> Result<String, UrlFault> {
    let cleaned = clean(s);
    let text = cleaned.trim_matches(|c: char| matches!(c, ' ' | '"' | '\'' | '<' | '>' | ',' | ';' | '`'));
    if text.is_empty() {
        return Err(UrlFault::Empty);
    }
    if text.len() > 2_048 {
        return Err(UrlFault::TooLong);
    }
    if text.contains([' ', '"', '<', '>', '\\', '`', '{', '}', '|', '^']) {
        return Err(UrlFault::Character);
    }
    let (scheme, rest) = scheme_of(text)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return Err(UrlFault::UserInfo);
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => {
            (host, Some(port.parse::<u16>().ok().filter(|p| *p > 0).ok_or(UrlFault::Port)?))
        }
        None => (authority, None),
    };
    let host = host.to_lowercase().replace('。', ".");
    let host = host.trim_end_matches('.');
    if !is_host_name(host) && host.parse::<std::net::Ipv4Addr>().is_err() {
        return Err(UrlFault::Host);
    }
    let port = match (scheme, port) {
        (_, None) | ("http", Some(80)) | ("https", Some(443)) => String::new(),
        (_, Some(port)) => format!(":{port}"),
    };
    let path = if path == "/" { "" } else { path };
    Ok(format!("{scheme}://{host}{port}{path}"))
}

fn scheme_of(text: &str) -> Result<(&'static str, &str), UrlFault> {
    let Some((scheme, rest)) = text.split_once("://") else {
        // `javascript:…` and `mailto:…` have a scheme; `example.com:8080` has a port.
        let looks_like_scheme = text.split_once(':').is_some_and(|(before, after)| {
            !before.contains(['.', '/', '?']) && !after.starts_with(|c: char| c.is_ascii_digit())
        });
        return if looks_like_scheme {
            Err(UrlFault::Scheme)
        } else {
            Ok(("https", text.trim_start_matches('/')))
        };
    };
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Ok(("http", rest)),
        "https" => Ok(("https", rest)),
        _ if scheme.contains(['.', '/', '?']) => Ok(("https", text)),
        _ => Err(UrlFault::Scheme),
    }
}

/// The site of an address for comparing: its host without `www.`. `None` when it is no web address.
pub fn site(url: &str) -> Option<String> {
    let url = parse(url).ok()?;
    let host = url.split_once("://")?.1.split(['/', '?', '#', ':']).next()?;
    Some(host.strip_prefix("www.").filter(|h| h.contains('.')).unwrap_or(host).to_owned())
}

/// A domain name of at least two labels (RFC 1035, 2.3.4: labels up to 63 bytes, 253 in all), letters of
/// other scripts allowed (RFC 5890), the last label not all digits.
pub(crate) fn is_host_name(host: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let numeric_end = host.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    host.len() <= 253 && host.contains('.') && !numeric_end && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_get_one_form() {
        for (text, url) in [
            ("www.example.com", "https://www.example.com"),
            ("HTTP://Www.Example.com/", "http://www.example.com"),
            ("https://example.com:443/a?b=C#d", "https://example.com/a?b=C#d"),
            ("ｗｗｗ.example。com", "https://www.example.com"),
            ("example.com:8080/x", "https://example.com:8080/x"),
            ("http://例子.中国/关于", "http://例子.中国/关于"),
            ("http://192.0.2.1/", "http://192.0.2.1"),
            ("example.com./", "https://example.com"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(url), "{text}");
        }
        assert_eq!(site("HTTP://www.Example.com/a").as_deref(), Some("example.com"));
    }

    #[test]
    fn faults_say_what_is_wrong() {
        for (text, fault) in [
            ("", UrlFault::Empty),
            ("javascript:alert(1)", UrlFault::Scheme),
            ("ftp://example.com", UrlFault::Scheme),
            ("mailto:a@example.com", UrlFault::Scheme),
            ("https://good.com@example.com", UrlFault::UserInfo),
            ("https://example.com:99999", UrlFault::Port),
            ("https://localhost", UrlFault::Host),
            ("无", UrlFault::Host),
            ("https://exa mple.com", UrlFault::Character),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe_and_reading_is_idempotent(s in "\\PC{0,40}|(https?://)?[a-zA-Z0-9./:?。-]{0,30}") {
            site(&s);
            if let Ok(url) = parse(&s) {
                prop_assert_eq!(parse(&url), Ok(url));
            }
        }
    }
}
