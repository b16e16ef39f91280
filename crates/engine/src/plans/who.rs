//! Who does a step. A role that nobody holds doesn't lose it: somebody gets it, and the page says that it is so.

use super::definition::{DIRECTOR, MANAGER, OWNER};
use crate::cx::Cx;
use crate::obligations::overseers;

/// Who it is, and whether they stand in for somebody that there isn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Responsible {
    pub user: Option<i64>,
    pub fallback: bool,
}

/// The person for a step about a customer of `owner`'s.
pub fn responsible(cx: &Cx, role: &str, owner: Option<i64>, record: i64) -> Responsible {
    let owner = owner.filter(|owner| cx.org.is_active(*owner));
    let above = |user: Option<i64>| user.and_then(|user| cx.org.manager_of(user));
    let wanted = match role {
        OWNER => owner,
        MANAGER => above(owner),
        DIRECTOR => above(above(owner)),
        code => of_role(cx, code, owner, record),
    };
    match wanted {
        Some(user) => Responsible { user: Some(user), fallback: false },
        None => {
            let user = owner.or_else(|| above(owner)).or_else(|| overseers(cx).first().copied());
            Responsible { user, fallback: true }
        }
    }
}

/// Whether a step is the caller's to do, as theirs, in somebody's place or as a superior.
pub fn is_theirs(cx: &Cx, who: Responsible) -> bool {
    let me = cx.caller.actor.user();
    who.user.is_some_and(|user| {
        user == me || cx.org.acting(user, cx.moment.now) == Some(me) || cx.org.reports_of(me).contains(&user)
    })
}

/// Whether nobody holds a role.
pub fn is_vacant(cx: &Cx, role: &str) -> bool {
    ![OWNER, MANAGER, DIRECTOR].contains(&role) && holders(cx, role).is_empty()
}

fn holders(cx: &Cx, code: &str) -> Vec<i64> {
    let Some(role) = cx.org.role_by_code(code) else { return Vec::new() };
    let mut found: Vec<i64> = cx
        .org
        .users()
        .filter(|person| person.active && person.roles.contains(&role.id))
        .map(|person| person.id)
        .collect();
    found.sort_unstable();
    found
}

/// Somebody with the role, of the owner's department if there is one; always the same person for a customer.
fn of_role(cx: &Cx, code: &str, owner: Option<i64>, record: i64) -> Option<i64> {
    let all = holders(cx, code);
    let department = owner.and_then(|owner| cx.org.user(owner)).and_then(|person| person.department);
    let near: Vec<i64> = all
        .iter()
        .copied()
        .filter(|user| {
            department.is_some() && cx.org.user(*user).and_then(|person| person.department) == department
        })
        .collect();
    let among = if near.is_empty() { all } else { near };
    let place = usize::try_from(record).unwrap_or_default().checked_rem(among.len())?;
    among.get(place).copied()
}
