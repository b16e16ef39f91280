//! Short messages. In mainland China they are templates that the provider has approved; what varies are their words.
//!
//! Sources: 阿里云 短信服务 SendSms (2017-05-25) and its V3 request signature; 腾讯云 短信 SendSms (2021-01-11) and signature TC3-HMAC-SHA256.

use crate::outbound::web_address;
use crate::{Cause, Message, Outbound, Secrets, Undelivered, Wrong, sign};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

const ALIYUN: &[&str] = &["dysmsapi.aliyuncs.com", "dysmsapi.ap-southeast-1.aliyuncs.com"];
const TENCENT: &[&str] = &["sms.tencentcloudapi.com", "sms.intl.tencentcloudapi.com"];
/// What a template of reminders may be filled with.
pub const WORDS: [&str; 4] = ["name", "count", "title", "company"];
/// What a template of greetings may be filled with.
pub const GREETING_WORDS: [&str; 6] = ["name", "title", "company", "customer", "owner", "years"];
const LONGEST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Aliyun {
    pub access_key_id: String,
    /// The signature that the provider has approved (签名).
    pub sign_name: String,
    /// `SMS_…`
    pub template: String,
    /// The template's variables: each is filled with the word of its name.
    pub parameters: Vec<String>,
    /// The template of greetings; without it none goes this way.
    pub greeting_template: String,
    pub greeting_parameters: Vec<String>,
    pub endpoint: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tencent {
    pub secret_id: String,
    /// The application of the SMS console, such as `1400006666`.
    pub app_id: String,
    pub region: String,
    pub sign_name: String,
    pub template: String,
    /// The words that fill the template's places, in order.
    pub parameters: Vec<String>,
    /// The template of greetings; without it none goes this way.
    pub greeting_template: String,
    pub greeting_parameters: Vec<String>,
    pub endpoint: String,
}

impl Default for Aliyun {
    fn default() -> Aliyun {
        let (access_key_id, sign_name) = Default::default();
        let (template, parameters, greeting_template, greeting_parameters) = Default::default();
        let endpoint = format!("https://{}", ALIYUN[0]);
        Aliyun {
            access_key_id,
            sign_name,
            template,
            parameters,
            greeting_template,
            greeting_parameters,
            endpoint,
        }
    }
}

impl Default for Tencent {
    fn default() -> Tencent {
        let (secret_id, app_id, sign_name) = Default::default();
        let (template, parameters, greeting_template, greeting_parameters) = Default::default();
        let (region, endpoint) = ("ap-guangzhou".into(), format!("https://{}", TENCENT[0]));
        Tencent {
            secret_id,
            app_id,
            region,
            sign_name,
            template,
            parameters,
            greeting_template,
            greeting_parameters,
            endpoint,
        }
    }
}

/// A template with the words that fill it.
struct Template<'a> {
    /// The members it stands in.
    fields: (&'static str, &'static str),
    code: &'a str,
    parameters: &'a [String],
    words: &'static [&'static str],
}

impl<'a> Template<'a> {
    fn of_reminders(code: &'a str, parameters: &'a [String]) -> Template<'a> {
        Template { fields: ("template", "parameters"), code, parameters, words: &WORDS }
    }

    fn of_greetings(code: &'a str, parameters: &'a [String]) -> Template<'a> {
        let fields = ("greeting_template", "greeting_parameters");
        Template { fields, code, parameters, words: &GREETING_WORDS }
    }

    fn unknown_word(&self) -> Option<Wrong> {
        let (zh, en) = match self.fields.1 {
            "parameters" => (
                "模板变量只能是 name、count、title、company",
                "This template is filled with name, count, title and company",
            ),
            _ => (
                "祝福模板的变量只能是 name、title、company、customer、owner、years",
                "The template of greetings is filled with name, title, company, customer, owner and years",
            ),
        };
        let known = |word: &String| self.words.contains(&word.as_str());
        let fits = self.parameters.len() <= 10 && self.parameters.iter().all(known);
        (!fits).then(|| Wrong::new(self.fields.1, "unknown_word", zh, en))
    }
}

fn plain(text: &str) -> bool {
    text.chars().count() <= LONGEST && !text.chars().any(char::is_control)
}

fn common(
    texts: &[(&'static str, &str)],
    templates: [Template<'_>; 2],
    endpoint: &str,
    official: &[&str],
    outbound: &Outbound,
) -> Vec<Wrong> {
    let mut faults = Vec::new();
    for (field, text) in texts {
        if text.trim().is_empty() || !plain(text) {
            let (zh, en) = ("请填写，最多 100 个字", "Fill this in, at most 100 characters");
            faults.push(Wrong::new(field, "required", zh, en));
        }
    }
    for template in templates {
        if !plain(template.code) {
            faults.push(Wrong::new(template.fields.0, "length", "最多 100 个字", "At most 100 characters"));
        }
        faults.extend(template.unknown_word());
    }
    if !web_address(endpoint)
        .is_some_and(|address| matches!(address.rest, "" | "/") && outbound.allows_web(&address, official))
    {
        faults.push(Wrong::new(
            "endpoint",
            "forbidden",
            "应为服务商的接口地址；其他地址须由运维在服务器配置 outbound_hosts 中允许",
            "Must be the provider's address; others are allowed in the server's setting outbound_hosts",
        ));
    }
    faults
}

fn mobile(message: &Message) -> Result<&str, Undelivered> {
    message.to.mobile.as_deref().ok_or_else(|| Undelivered::new(Cause::NoAddress, ""))
}

fn word<'a>(message: &'a Message, name: &str) -> &'a str {
    message.words.get(name).map(String::as_str).unwrap_or_default()
}

fn utc(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

impl Aliyun {
    /// Of reminders, and of greetings.
    fn templates(&self) -> [Template<'_>; 2] {
        [
            Template::of_reminders(&self.template, &self.parameters),
            Template::of_greetings(&self.greeting_template, &self.greeting_parameters),
        ]
    }

    pub(crate) fn faults(&self, outbound: &Outbound) -> Vec<Wrong> {
        let texts = [
            ("access_key_id", self.access_key_id.as_str()),
            ("sign_name", &self.sign_name),
            ("template", &self.template),
        ];
        common(&texts, self.templates(), &self.endpoint, ALIYUN, outbound)
    }

    pub(crate) fn send(
        &self,
        secrets: &Secrets,
        outbound: &Outbound,
        message: &Message,
    ) -> Result<(), Undelivered> {
        let to = mobile(message)?;
        let [reminders, greetings] = self.templates();
        let template = if message.greeting { greetings } else { reminders };
        let words: Map<String, Json> =
            template.parameters.iter().map(|name| (name.clone(), word(message, name).into())).collect();
        let query = [
            ("OutId", message.key.clone()),
            ("PhoneNumbers", to.strip_prefix("+86").unwrap_or(to.trim_start_matches('+')).to_owned()),
            ("SignName", self.sign_name.clone()),
            ("TemplateCode", template.code.to_owned()),
            ("TemplateParam", Json::Object(words).to_string()),
        ];
        let address = web_address(&self.endpoint).ok_or_else(|| Undelivered::new(Cause::Forbidden, ""))?;
        let date = utc(message.at).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let request = sign::Aliyun {
            host: address.host,
            action: "SendSms",
            version: "2017-05-25",
            date: &date,
            // Another one for each attempt.
            nonce: &sign::sha256_hex(format!("{}\n{}", message.key, message.at).as_bytes())[..32],
            query: &query,
            body: b"",
        };
        let headers = request.headers(&self.access_key_id, secrets.get("access_key_secret"));
        let url = format!("{}/?{}", self.endpoint.trim_end_matches('/'), request.query_text());
        let answer = outbound.post(&url, ALIYUN, &headers, b"")?;
        let code = answer["Code"].as_str().ok_or_else(|| Undelivered::new(Cause::Answer, ""))?;
        let cause = match code {
            "OK" => return Ok(()),
            "isv.MOBILE_NUMBER_ILLEGAL" | "isv.MOBILE_COUNT_OVER_LIMIT" | "isv.BLACK_KEY_CONTROL_LIMIT" => {
                Cause::Recipient
            }
            code if code.starts_with("isv.BUSINESS_LIMIT") || code.starts_with("Throttling") => {
                Cause::Throttled
            }
            code if code.contains("Signature")
                || code.contains("AccessKey")
                || code.contains("Forbidden") =>
            {
                Cause::SignIn
            }
            "isp.SYSTEM_ERROR" | "ServiceUnavailable" | "isv.AMOUNT_NOT_ENOUGH" | "isv.OUT_OF_SERVICE" => {
                Cause::Busy
            }
            _ => Cause::Refused,
        };
        Err(Undelivered::new(cause, format!("{code} {}", answer["Message"].as_str().unwrap_or_default())))
    }
}

impl Tencent {
    /// Of reminders, and of greetings.
    fn templates(&self) -> [Template<'_>; 2] {
        [
            Template::of_reminders(&self.template, &self.parameters),
            Template::of_greetings(&self.greeting_template, &self.greeting_parameters),
        ]
    }

    pub(crate) fn faults(&self, outbound: &Outbound) -> Vec<Wrong> {
        let texts = [
            ("secret_id", self.secret_id.as_str()),
            ("app_id", &self.app_id),
            ("region", &self.region),
            ("sign_name", &self.sign_name),
            ("template", &self.template),
        ];
        common(&texts, self.templates(), &self.endpoint, TENCENT, outbound)
    }

    pub(crate) fn send(
        &self,
        secrets: &Secrets,
        outbound: &Outbound,
        message: &Message,
    ) -> Result<(), Undelivered> {
        let [reminders, greetings] = self.templates();
        let template = if message.greeting { greetings } else { reminders };
        let places: Vec<&str> = template.parameters.iter().map(|name| word(message, name)).collect();
        let body = json!({
            "PhoneNumberSet": [mobile(message)?],
            "SmsSdkAppId": self.app_id,
            "SignName": self.sign_name,
            "TemplateId": template.code,
            "TemplateParamSet": places,
            "SessionContext": message.key,
        })
        .to_string();
        let address = web_address(&self.endpoint).ok_or_else(|| Undelivered::new(Cause::Forbidden, ""))?;
        let (timestamp, date) = (message.at / 1_000, utc(message.at).format("%Y-%m-%d").to_string());
        let authorization = sign::tencent(
            (&self.secret_id, secrets.get("secret_key")),
            (address.host, "sms", "SendSms"),
            (timestamp, &date),
            body.as_bytes(),
        );
        let headers = [
            ("authorization", authorization),
            ("content-type", "application/json; charset=utf-8".to_owned()),
            ("x-tc-action", "SendSms".to_owned()),
            ("x-tc-version", "2021-01-11".to_owned()),
            ("x-tc-timestamp", timestamp.to_string()),
            ("x-tc-region", self.region.clone()),
        ];
        let answer = outbound.post(
            &format!("{}/", self.endpoint.trim_end_matches('/')),
            TENCENT,
            &headers,
            body.as_bytes(),
        )?;
        let response = &answer["Response"];
        let (code, words) = match response["Error"]["Code"].as_str() {
            Some(code) => (code, &response["Error"]["Message"]),
            None => {
                let status = &response["SendStatusSet"][0];
                let code = status["Code"].as_str().ok_or_else(|| Undelivered::new(Cause::Answer, ""))?;
                (code, &status["Message"])
            }
        };
        let cause = match code {
            "Ok" => return Ok(()),
            code if code.starts_with("AuthFailure") || code.starts_with("UnauthorizedOperation") => {
                Cause::SignIn
            }
            code if code.starts_with("LimitExceeded") || code.starts_with("RequestLimitExceeded") => {
                Cause::Throttled
            }
            code if code.starts_with("InternalError") || code.contains("InsufficientBalance") => Cause::Busy,
            code if code.contains("PhoneNumber") => Cause::Recipient,
            _ => Cause::Refused,
        };
        Err(Undelivered::new(cause, format!("{code} {}", words.as_str().unwrap_or_default())))
    }
}
