//! The one table of operations: the router, the guards, the metrics and the interface's document are all made from it.

use super::App;
use super::routes;
use axum::routing::MethodRouter;
use huike_model::Code;

/// Where the operations stand.
pub const BASE: &str = "/api/v1";

/// One operation of the interface. Handlers and their rows stand together in [`routes`].
#[derive(Clone, Copy)]
pub struct Operation {
    /// Names it in the document, in logs and in metrics.
    pub id: &'static str,
    pub verb: Verb,
    /// Below [`BASE`].
    pub path: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub access: Access,
    pub query: &'static [Parameter],
    pub headers: &'static [Parameter],
    pub body: Body,
    pub status: u16,
    pub answer: Answer,
    /// What it fails with besides what every operation may fail with.
    pub problems: &'static [Code],
    /// Whether somebody may call it who looks as another: it changes nothing, or ends that.
    pub for_watchers: bool,
    pub route: fn() -> MethodRouter<App>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    pub fn name(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Put => "PUT",
            Verb::Patch => "PATCH",
            Verb::Delete => "DELETE",
        }
    }

    /// Safe methods change nothing (RFC 9110 §9.2.1).
    pub const fn is_safe(self) -> bool {
        matches!(self, Verb::Get)
    }
}

/// Who may call at all. What a person may do is the engine's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; attempts are counted by network address.
    Anybody,
    /// Who is signed in, or a program with a key.
    Known,
    /// Only who is signed in with a password: keys can't make keys.
    Person,
}

#[derive(Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Flag,
    /// Separated by commas.
    Texts,
    Json,
    Words(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    None,
    /// A schema of the document.
    Json(&'static str),
    /// The fields of a record of the path's object, as they are written.
    Record,
    /// A form with a file; its schema in the document.
    Form(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Empty,
    Json(&'static str),
    /// A record of the path's object.
    Record,
    /// `{items: [record], next_cursor}` of the path's object.
    Records,
    File(&'static str),
    Events,
}

/// Where a list goes on.
pub const CURSOR: Parameter =
    parameter("cursor", Kind::Text, "上一页给出的 next_cursor", "The `next_cursor` of the page before");

/// A row of the table; see the `with_…` functions for what it may say besides.
pub const fn operation(
    id: &'static str,
    verb: Verb,
    path: &'static str,
    zh: &'static str,
    en: &'static str,
    route: fn() -> MethodRouter<App>,
) -> Operation {
    Operation {
        id,
        verb,
        path,
        zh,
        en,
        access: Access::Known,
        query: &[],
        headers: &[],
        body: Body::None,
        status: 200,
        answer: Answer::Empty,
        problems: &[],
        for_watchers: verb.is_safe(),
        route,
    }
}

impl Operation {
    pub const fn open_to(mut self, access: Access) -> Operation {
        self.access = access;
        self
    }

    pub const fn query(mut self, query: &'static [Parameter]) -> Operation {
        self.query = query;
        self
    }

    pub const fn headers(mut self, headers: &'static [Parameter]) -> Operation {
        self.headers = headers;
        self
    }

    pub const fn body(mut self, body: Body) -> Operation {
        self.body = body;
        self
    }

    pub const fn answers(mut self, status: u16, answer: Answer) -> Operation {
        self.status = status;
        self.answer = answer;
        self
    }

    pub const fn fails_with(mut self, problems: &'static [Code]) -> Operation {
        self.problems = problems;
        self
    }

    pub const fn for_watchers(mut self) -> Operation {
        self.for_watchers = true;
        self
    }

    /// The first part of the path: what the operation is about.
    pub fn subject(&self) -> &'static str {
        self.path.trim_start_matches('/').split('/').next().unwrap_or_default()
    }
}

pub const fn parameter(name: &'static str, kind: Kind, zh: &'static str, en: &'static str) -> Parameter {
    Parameter { name, zh, en, kind }
}

/// Every operation, in the order of the document.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    routes::TABLES.iter().copied().flatten()
}
