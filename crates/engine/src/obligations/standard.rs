//! What promises are made of in the standard dictionary: the one place in which this part of the engine names its objects and fields.

pub const CUSTOMER: &str = "customer";
pub const TASK: &str = "task";
pub const INTERACTION: &str = "interaction";

/// Fields of a task that say whom it is about, the most telling first.
pub const SUBJECTS: [&str; 4] = ["customer", "opportunity", "ticket", "project"];

/// The stage in which nobody need care for a customer any more.
pub const LOST: &str = "lost";

/// Kinds of interactions in which somebody talked with the customer; notes and what the customer did alone are none.
pub const TALKS: [&str; 5] = ["call", "visit", "wechat", "email", "meeting"];

/// The outcome of a call that reached nobody.
pub const NO_ANSWER: &str = "no_answer";
