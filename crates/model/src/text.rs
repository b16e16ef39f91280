//! Text in the two languages of the product.

use serde::{Deserialize, Serialize};

/// The language a person reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    /// Picks from an `Accept-Language` header (RFC 9110 §12.5.4) by the first language we know; Chinese otherwise.
    pub fn from_accept(header: &str) -> Lang {
        Lang::accepted(header).unwrap_or_default()
    }

    /// The first language of an `Accept-Language` header that is one of ours.
    pub fn accepted(header: &str) -> Option<Lang> {
        header.split(',').find_map(|part| {
            let tag = part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match tag.get(..2) {
                Some("zh") => Some(Lang::Zh),
                Some("en") => Some(Lang::En),
                _ => None,
            }
        })
    }

    /// `zh` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }
}

/// One text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub zh: String,
    pub en: String,
}

impl Label {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Label {
        Label { zh: zh.into(), en: en.into() }
    }

    /// The same text in both languages: a name that a person typed.
    pub fn same(text: impl Into<String>) -> Label {
        let text = text.into();
        Label { zh: text.clone(), en: text }
    }

    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// Whether `text` is this label in either language, whatever its case: how a heading or a choice is recognised.
    pub fn is(&self, text: &str) -> bool {
        self.zh == text || self.en.eq_ignore_ascii_case(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins_and_chinese_is_the_default() {
        assert_eq!(Lang::from_accept("fr-FR, en-GB;q=0.8, zh;q=0.5"), Lang::En);
        assert_eq!(Lang::from_accept("zh-CN,zh;q=0.9,en;q=0.8"), Lang::Zh);
        assert_eq!(Lang::from_accept("fr"), Lang::Zh);
        assert_eq!(Lang::from_accept(""), Lang::Zh);
    }
}
