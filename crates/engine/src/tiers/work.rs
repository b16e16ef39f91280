//! Working out a tier.

use super::definition::{Axis, Definition};
use super::{REASON, UNTIL};
use crate::cx::Cx;
use crate::lifecycle::definition::own_filter;
use crate::records::values::Values;
use huike_model::Object;
use huike_model::filter::{Facts, Filter, Resolved};
use huike_model::moment::day_number;
use huike_model::schema::expression::Expression;

/// A side of one customer: the number, and whether it is low, middling or high (0 to 2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    pub number: f64,
    pub level: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Worked {
    pub value: Side,
    pub potential: Side,
    pub tier: String,
}

/// A definition made ready for many customers.
pub struct Work<'a> {
    definition: &'a Definition,
    value: Expression,
    potential: Expression,
    filter: Resolved,
    /// Whether the filter finds others only after a write.
    steady: bool,
}

impl<'a> Work<'a> {
    /// None when the dictionary has changed from under it; its page says so.
    pub fn of(cx: &Cx, object: &Object, definition: &'a Definition) -> Option<Work<'a>> {
        definition.check(cx).ok()?;
        let filter = match &definition.filter {
            Some(json) => own_filter(json, object, &cx.schema, &cx.moment).ok()?,
            None => Filter::everything(),
        };
        Some(Work {
            definition,
            value: Expression::compile(&definition.value.formula).ok()?,
            potential: Expression::compile(&definition.potential.formula).ok()?,
            steady: filter.is_steady(),
            filter: filter.resolve(&cx.moment, cx),
        })
    }

    /// Whether a tier changes only after a write: neither the filter nor the formulas look at what time or the engine alone changes.
    /// Figures that follow from other rows are written with these.
    pub fn is_steady(&self, object: &Object) -> bool {
        let measured = |name: &String| object.field(name).is_some_and(|field| field.measure.is_some());
        self.steady && !self.value.reads.iter().chain(&self.potential.reads).any(measured)
    }

    /// The tier of a customer; none for those who get none.
    pub fn tier(&self, values: &Values) -> Option<Worked> {
        if !self.filter.matches(values as &dyn Facts) {
            return None;
        }
        let value = side(&self.value, &self.definition.value, values);
        let potential = side(&self.potential, &self.definition.potential, values);
        let tier = self.definition.matrix[value.level][potential.level].clone();
        Some(Worked { value, potential, tier })
    }
}

/// What can't be worked out counts as nothing.
fn side(formula: &Expression, axis: &Axis, values: &Values) -> Side {
    let number = formula.number(|name| values.operand(name)).unwrap_or_default();
    let level = usize::from(number >= axis.middling) + usize::from(number >= axis.high);
    Side { number, level }
}

/// Whether somebody set the tier, and that still holds.
pub fn by_hand(cx: &Cx, values: &Values) -> bool {
    let today = day_number(cx.moment.today());
    !values.get(REASON).is_null() && values.int(UNTIL).is_none_or(|until| until >= today)
}
