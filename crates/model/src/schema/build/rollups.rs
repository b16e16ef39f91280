//! Roll-ups: their types, and their checked form.

use super::super::definition::{RollupDefinition, RollupKind};
use super::super::{RollupLink, RollupSpec};
use super::{Builder, Fields};
use crate::filter::Operand;
use crate::kinds::{FieldType, Storage};
use indexmap::IndexMap;
use std::sync::Arc;

impl Builder {
    /// Checked roll-ups by the child that feeds them.
    pub(super) fn rollups(&mut self, all: &Fields) -> IndexMap<String, Vec<RollupLink>> {
        let mut links: IndexMap<String, Vec<RollupLink>> = IndexMap::new();
        for (parent, fields) in all {
            for field in fields.values().filter(|field| !field.retired) {
                let Some(rollup) = &field.rollup else { continue };
                let child = all.get(&rollup.object);
                let find = |name: Option<&String>| {
                    name.and_then(|name| child.and_then(|fields| fields.get(name)))
                        .filter(|field| !field.retired)
                        .cloned()
                };
                let via = find(Some(&rollup.via)).filter(|via| via.target() == Some(parent));
                let Some(via) = via else {
                    self.fault(
                        parent,
                        &field.name,
                        format!("{}.{} 没有关联到 {parent}", rollup.object, rollup.via),
                        format!("{}.{} does not refer to {parent}", rollup.object, rollup.via),
                    );
                    continue;
                };
                let condition = match &rollup.condition {
                    Some(json) => match self.filter(&rollup.object, &field.name, all, json) {
                        // Figures are worked out when a child is written. One that looks at the time would be wrong from the next day on
                        // without any write; one that looks at the caller would be the last writer's.
                        Some(filter)
                            if filter.leaves().iter().any(|leaf| depends_on_the_moment(&leaf.operand)) =>
                        {
                            self.fault(
                                parent,
                                &field.name,
                                "汇总的条件不能随日期或查看的人变化（相对日期、我、我的部门）；请在列表或报表里筛选",
                                "the condition of a roll-up can't depend on the day or on who asks (within, me, my_department); \
                                 filter a list or a report by that instead",
                            );
                            continue;
                        }
                        Some(filter) if filter.leaves().iter().all(|leaf| leaf.path.hops.is_empty()) => {
                            Some(filter)
                        }
                        Some(_) => {
                            self.fault(
                                parent,
                                &field.name,
                                "汇总的条件只能用下级对象自己的字段",
                                "the condition of a roll-up looks at the child's own fields only",
                            );
                            continue;
                        }
                        None => continue,
                    },
                    None => None,
                };
                let shown = find(rollup.field.as_ref());
                if shown.is_none() && rollup.field.is_some() {
                    self.fault(parent, &field.name, "汇总的字段已停用", "the field that it shows is retired");
                    continue;
                }
                let by = find(rollup.by.as_ref());
                if by.is_none() && matches!(rollup.kind, RollupKind::Latest | RollupKind::Earliest) {
                    self.fault(
                        parent,
                        &field.name,
                        "“最近”和“最早”需要排序的字段（by）",
                        "latest and earliest need the field that orders: by",
                    );
                    continue;
                }
                let spec = RollupSpec {
                    child: rollup.object.clone(),
                    via,
                    kind: rollup.kind,
                    field: shown,
                    by,
                    condition,
                };
                links.entry(rollup.object.clone()).or_default().push(RollupLink {
                    parent: parent.clone(),
                    field: field.clone(),
                    rollup: Arc::new(spec),
                });
            }
        }
        links
    }
}

fn depends_on_the_moment(operand: &Operand) -> bool {
    matches!(operand, Operand::Me | Operand::MyDepartment | Operand::Time(_))
}

/// The type and scale that a roll-up takes from its child; none while they are not known yet.
pub(super) fn rollup_result(all: &Fields, rollup: &RollupDefinition) -> Option<(FieldType, u32)> {
    if rollup.kind == RollupKind::Count {
        return all.contains_key(&rollup.object).then_some((FieldType::Integer, 0));
    }
    let field = all.get(&rollup.object)?.get(rollup.field.as_ref()?)?;
    let kind = field.value_type();
    let fits = match rollup.kind {
        RollupKind::Sum => kind.kind().storage() == Storage::Int && field.target().is_none(),
        _ => !field.encrypted,
    };
    fits.then_some((kind, field.scale))
}
