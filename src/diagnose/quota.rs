//! Whether a ResourceQuota has room for another pod of a runner.

use super::need::Stuck;
use super::report::Evidence;
use super::view::View;
use crate::model::Object;
use serde_json::Value;

/// Evidence that the quota has no room for the pod of this runner: what is used up, or would be.
pub fn full(view: &View<'_>, quota: &Object, runner: &Stuck) -> Option<Evidence> {
    let hard = quota.at("/status/hard").or_else(|| quota.at("/spec/hard"))?.as_object()?;
    let runner = view.subject(&runner.id);
    hard.iter().find_map(|(resource, limit)| {
        let limit = limit.as_str()?;
        let used = quota.at("/status/used").and_then(|used| used.get(resource)).and_then(Value::as_str)?;
        let (most, now) = (parse(limit)?, parse(used)?);
        let more = wanted(runner, resource)?;
        (now + more > most).then(|| {
            let says = format!("{used} of {limit} are used");
            view.evidence(&quota.id, format!("status.used[{resource}]"), says)
        })
    })
}

/// How much of a quota's resource the runner's pod takes. None: none of it.
fn wanted(runner: Option<&Object>, resource: &str) -> Option<i128> {
    if matches!(resource, "pods" | "count/pods") {
        return Some(1000);
    }
    let (sort, name) = resource.split_once('.').unwrap_or(("requests", resource));
    if !matches!(sort, "requests" | "limits") || !matches!(name, "cpu" | "memory" | "ephemeral-storage") {
        return None;
    }
    // A request that is not named is as high as the limit.
    let other = if sort == "requests" { "limits" } else { sort };
    let containers = runner?.items("/spec/spec/containers");
    let sum: i128 = containers
        .iter()
        .filter_map(|container| {
            let of = |sort: &str| container.get("resources")?.get(sort)?.get(name)?.as_str();
            parse(of(sort).or_else(|| of(other))?)
        })
        .sum();
    // Any more than nothing is too much where all is used.
    Some(sum.max(1))
}

/// A quantity as Kubernetes writes it (`500m`, `2`, `4Gi`) in thousandths. None: it is none.
fn parse(text: &str) -> Option<i128> {
    const SUFFIXES: [(&str, i128); 13] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("Pi", 1 << 50),
        ("Ei", 1 << 60),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("P", 1_000_000_000_000_000),
        ("E", 1_000_000_000_000_000_000),
        ("m", 0),
    ];
    let (digits, factor) = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)))
        .unwrap_or((text, 1));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: i128 = if whole.is_empty() && !part.is_empty() { 0 } else { whole.parse().ok()? };
    let mut thousandths = 0;
    for (place, digit) in part.chars().take(3).enumerate() {
        thousandths += i128::from(digit.to_digit(10)?) * [100, 10, 1][place];
    }
    if part.chars().any(|digit| !digit.is_ascii_digit()) {
        return None;
    }
    let value = whole.checked_mul(1000)?.checked_add(thousandths)?;
    if factor == 0 { Some(value / 1000) } else { value.checked_mul(factor) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_of_every_form_compare() {
        for (text, thousandths) in [
            ("2", Some(2_000)),
            ("500m", Some(500)),
            ("0.5", Some(500)),
            ("1.5Gi", Some(1_610_612_736_000)),
            ("1k", Some(1_000_000)),
            ("Gi", None),
            ("two", None),
            ("1.x", None),
        ] {
            assert_eq!(parse(text), thousandths, "{text}");
        }
    }
}
