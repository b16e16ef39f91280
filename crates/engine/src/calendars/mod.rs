//! Tasks in a person's own calendar: a feed to subscribe to, and items that a calendar program reads and writes (iCalendar, RFC 5545).
//!
//! What is served are the open tasks of the key's owner and those done lately, each as a to-do or as an event, whichever the program asks
//! for. Everything goes through the ordinary operations, with the rights, checks and the log of a change made by a program.

mod ics;
mod items;
#[cfg(test)]
mod tests;

pub use items::{Component, Item, Refused, Wanted};
