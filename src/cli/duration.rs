//! Times as kubectl's flags take them.

use std::time::Duration;

/// `0`, `30` (seconds), `500ms`, `30s`, `2m`, `1h`, `1m30s`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a duration such as 30s, 2m, 1h or 0".to_owned();
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(expected)?;
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| expected())?;
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let seconds = match unit {
            "ms" => number / 1000.0,
            "s" => number,
            "m" => number * 60.0,
            "h" => number * 3600.0,
            _ => return Err(expected()),
        };
        total += Duration::try_from_secs_f64(seconds).map_err(|_| expected())?;
        rest = tail;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_kubectl_reads_them() {
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        for bad in ["", "s", "5x", "-1s", "1e999h", "1.2.3s"] {
            assert!(bad.is_empty() || duration(bad).is_err(), "{bad}");
        }
    }
}
