//! The table of settings.

use huike_model::Lang;
use std::fmt::Write as _;

/// One setting: `name` in the file, `HUIKE_NAME` in the environment, `--name` on the command line where there is a flag.
pub struct Key {
    pub name: &'static str,
    /// Empty: not set.
    pub default: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub flag: bool,
}

const fn key(
    name: &'static str,
    default: &'static str,
    flag: bool,
    zh: &'static str,
    en: &'static str,
) -> Key {
    Key { name, default, zh, en, flag }
}

pub const KEYS: &[Key] = &[
    key(
        "data",
        "data",
        true,
        "数据目录：SQLite 数据库、文件、密钥、备份。多个节点共用一个 PostgreSQL 时，其中的 files 目录也须共用（/readyz 和 huike doctor 会检查）",
        "The data folder: SQLite database, files, keys, backups. Several nodes on one PostgreSQL must share its folder files too (/readyz and huike doctor check)",
    ),
    key("listen", "127.0.0.1:8420", true, "监听的地址和端口", "Address and port to listen on"),
    key(
        "public_url",
        "",
        false,
        "浏览器访问的地址，例如 https://crm.example.com；经反向代理访问时设置",
        "Where browsers reach the server, such as https://crm.example.com; set it behind a reverse proxy",
    ),
    key(
        "database_url",
        "",
        true,
        "PostgreSQL 地址 postgres://用户:密码@主机/数据库；不设置则用数据目录中的 SQLite",
        "PostgreSQL as postgres://user:password@host/database; SQLite in the data folder when not set",
    ),
    key("readers", "3", false, "SQLite 的读连接数", "Connections for reading on SQLite"),
    key("connections", "16", false, "PostgreSQL 的连接数", "Connections to PostgreSQL"),
    key(
        "tls_cert",
        "",
        true,
        "TLS 证书文件（PEM，含中间证书）",
        "TLS certificate file (PEM, with intermediates)",
    ),
    key("tls_key", "", true, "TLS 私钥文件（PEM）", "TLS key file (PEM)"),
    key(
        "master_key",
        "",
        false,
        "主密钥：每行“编号:密钥”，密钥为 32 字节的 base64 或十六进制。三种来源都不设置时，首次启动在数据目录的 keys/master.key 生成",
        "Master keys, one `id:key` a line, each 32 bytes in base64 or hexadecimal. With none of the three sources set, the first start makes keys/master.key in the data folder",
    ),
    key("master_key_file", "", false, "存放主密钥的文件", "File that holds the master keys"),
    key(
        "master_key_command",
        "",
        false,
        "输出主密钥的命令（例如从密钥管理服务读取）",
        "Command that prints the master keys (from a key management service, say)",
    ),
    key("log_format", "text", false, "日志格式：text 或 json", "Log format: text or json"),
    key(
        "log_level",
        "info",
        false,
        "日志级别，例如 info 或 info,huike_engine=debug",
        "Log level, such as info or info,huike_engine=debug",
    ),
    key(
        "body_limit_bytes",
        "1048576",
        false,
        "普通请求内容的上限（字节）",
        "Largest body of a request in bytes",
    ),
    key("upload_limit_bytes", "67108864", false, "上传文件的上限（字节）", "Largest uploaded file in bytes"),
    key(
        "timeout_seconds",
        "60",
        false,
        "一个请求最长的处理时间（秒）",
        "How long one request may take in seconds",
    ),
    key(
        "requests_per_minute",
        "3000",
        false,
        "每个账号或密钥每分钟的请求数",
        "Requests of one person or key in a minute",
    ),
    key(
        "sign_ins_per_minute",
        "120",
        false,
        "每个网络地址每分钟的登录尝试次数",
        "Attempts to sign in from one network address in a minute",
    ),
    key(
        "trusted_proxies",
        "",
        false,
        "可信的反向代理地址或网段，以逗号分隔；只采信来自它们的 X-Forwarded-For",
        "Addresses or networks of trusted reverse proxies, separated by commas; X-Forwarded-For is believed only from them",
    ),
    key(
        "metrics_from",
        "127.0.0.0/8,::1",
        false,
        "可以读取 /metrics 的地址或网段，以逗号分隔",
        "Addresses or networks that may read /metrics, separated by commas",
    ),
    key(
        "outbound_hosts",
        "",
        false,
        "除各平台官方地址和邮件服务器外，通知渠道还可以连接的主机，写“主机”或“主机:端口”，以逗号分隔（例如私有部署的网关）",
        "Hosts that channels may talk to besides the providers' own and mail servers, as host or host:port, separated by commas (a gateway of your own, say)",
    ),
];

/// The name of a setting's environment variable.
pub fn variable(name: &str) -> String {
    format!("HUIKE_{}", name.to_ascii_uppercase())
}

/// docs/configuration.md.
pub fn document() -> String {
    let mut out = String::from(
        "# 配置 Configuration\n\n\
         依次从配置文件（数据目录中的 `huike.toml`，或 `--config FILE`）、环境变量、命令行读取，后者优先。启动时一次列出全部错误。\n\n\
         Read from a file (`huike.toml` in the data folder, or `--config FILE`), the environment and the command line; the later\n\
         wins. Every fault is told at the start. `huike config` writes this page.\n",
    );
    for lang in [Lang::Zh, Lang::En] {
        let (title, head) = match lang {
            Lang::Zh => ("中文", "| 配置项 | 环境变量 | 命令行 | 默认 | 说明 |"),
            Lang::En => ("English", "| setting | environment | flag | default | what |"),
        };
        // Writing to a String cannot fail.
        let _ = write!(out, "\n## {title}\n\n{head}\n|---|---|---|---|---|\n");
        for key in KEYS {
            let flag = if key.flag { format!("`--{}`", key.name.replace('_', "-")) } else { String::new() };
            let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
            let what = if lang == Lang::Zh { key.zh } else { key.en };
            let _ =
                writeln!(out, "| `{}` | `{}` | {flag} | {default} | {what} |", key.name, variable(key.name));
        }
    }
    out
}
