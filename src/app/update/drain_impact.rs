//! What a drain will hit, in words: shown before it is confirmed, from what was read of the node.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::app::DrainQuestion;
use crate::escalation::{Budget, DrainPlan, Needs, NodePod, Stays};

/// Pods named in one line; the rest is counted.
const MOST_NAMED: usize = 3;

/// Nothing that a drain does is left to do.
pub fn is_done(question: &DrainQuestion) -> bool {
    let plan = question.plan();
    question.survey.is_cordoned && plan.evict.is_empty() && plan.needs.is_empty() && plan.ending.is_empty()
}

pub fn lines(question: &DrainQuestion) -> Vec<String> {
    let plan = question.plan();
    let mut lines = vec![goes(&plan)];
    lines.extend(stays(&plan));
    lines.extend(budgets(question));
    lines.extend(choices(question));
    if question.survey.is_cordoned {
        lines.push("the node is cordoned already".into());
    }
    lines
}

/// `evicts 7 pods: 4 in shop, 3 in ledger`
fn goes(plan: &DrainPlan) -> String {
    let all: Vec<&NodePod> = plan.evict.iter().chain(plan.needs.iter().map(|(pod, _)| pod)).collect();
    if all.is_empty() {
        return "evicts no pods: the node is only cordoned".into();
    }
    let mut by_namespace: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in &all {
        *by_namespace
            .entry(pod.object.namespace.as_deref().unwrap_or_default())
            .or_default() += 1;
    }
    let places: Vec<String> = by_namespace.iter().map(|(name, n)| format!("{n} in {name}")).collect();
    format!("evicts {}: {}", pods(all.len()), places.join(", "))
}

fn stays(plan: &DrainPlan) -> Option<String> {
    let count = |why: Stays| plan.stays.iter().filter(|(_, w)| *w == why).count();
    let parts = [
        (count(Stays::DaemonSet), "of DaemonSets stay"),
        (count(Stays::Static), "static stay"),
        (plan.ending.len(), "end already"),
    ];
    let told = parts.iter().filter(|(n, _)| *n > 0);
    let text = told
        .map(|(n, what)| format!("{n} {what}"))
        .collect::<Vec<_>>()
        .join(", ");
    (!text.is_empty()).then_some(text)
}

/// A budget that allows less than there is will be waited for.
fn budgets(question: &DrainQuestion) -> Vec<String> {
    let Some(budgets) = &question.survey.budgets else {
        return vec!["disruption budgets could not be read; the server holds to them all the same".into()];
    };
    let (hold, free): (Vec<&Budget>, Vec<&Budget>) = budgets.iter().partition(|budget| holds(budget));
    let mut lines: Vec<String> = hold.into_iter().map(waits).collect();
    match free.len() {
        0 => {}
        1 => lines.push("1 budget holds nothing back".into()),
        n => lines.push(format!("{n} budgets hold nothing back")),
    }
    lines
}

/// It lets fewer go than there are.
fn holds(budget: &Budget) -> bool {
    budget.allowed < i64::try_from(budget.here).unwrap_or(i64::MAX)
}

/// `shop/cart: 3 pods here, its budget lets 1 go at a time`
fn waits(budget: &Budget) -> String {
    let lets = match budget.allowed {
        ..=0 => "none go now: the drain waits".to_owned(),
        allowed => format!("{allowed} go at a time"),
    };
    let (namespace, name) = (&budget.namespace, &budget.name);
    format!("{namespace}/{name}: {} here, its budget lets {lets}", pods(budget.here))
}

/// What would be lost for good, and the key that chooses it.
fn choices(question: &DrainQuestion) -> Vec<String> {
    let nothing = DrainQuestion {
        options: crate::escalation::DrainOptions::default(),
        ..question.clone()
    };
    let without = nothing.plan();
    // A pod may need both: it is named where it is asked for first, and again once that is chosen.
    let force: Vec<&NodePod> = needing(&without, Needs::Force);
    let with_force = DrainQuestion {
        options: crate::escalation::DrainOptions {
            force: true,
            delete_empty_dir: false,
        },
        ..question.clone()
    }
    .plan();
    let empty_dir: Vec<&NodePod> = needing(&with_force, Needs::DeleteEmptyDir);
    let mut lines = Vec::new();
    for (key, chosen, pods, what) in [
        ('f', question.options.force, &force, "nothing brings back"),
        (
            'e',
            question.options.delete_empty_dir,
            &empty_dir,
            "lose the data of an emptyDir:",
        ),
    ] {
        if !pods.is_empty() {
            let mark = if chosen { 'x' } else { ' ' };
            lines.push(format!("{key} [{mark}] {what} {}", names(pods)));
        }
    }
    lines
}

fn needing(plan: &DrainPlan, needs: Needs) -> Vec<&NodePod> {
    let fits = plan.needs.iter().filter(|(_, n)| *n == needs);
    fits.map(|(pod, _)| pod).collect()
}

fn names(pods: &[&NodePod]) -> String {
    let mut text = pods
        .iter()
        .take(MOST_NAMED)
        .map(|pod| pod.spelt())
        .collect::<Vec<_>>()
        .join(", ");
    if pods.len() > MOST_NAMED {
        let _ = write!(text, " and {} more", pods.len() - MOST_NAMED);
    }
    text
}

fn pods(count: usize) -> String {
    if count == 1 {
        "1 pod".into()
    } else {
        format!("{count} pods")
    }
}
