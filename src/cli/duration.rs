//! Times as kubectl's flags take them.

use std::time::Duration;

/// `0`, `30` (seconds), `500ms`, `30s`, `2m`, `1h`, `1m30s`: what Go's `time.ParseDuration` reads and is not negative.
pub fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a duration such as 30s, 2m, 1h or 0".to_owned();
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let mut total = Duration::ZERO;
    let mut rest = text.strip_prefix('+').filter(|rest| !rest.is_empty()).unwrap_or(text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(expected)?;
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| expected())?;
        let letters = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let seconds = match unit {
            "ns" => number / 1e9,
            // Go takes the micro sign and the Greek letter.
            "us" | "\u{b5}s" | "\u{3bc}s" => number / 1e6,
            "ms" => number / 1e3,
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
        assert_eq!(duration("+1.5m.5s"), Ok(Duration::from_millis(90_500)));
        assert_eq!(duration("1us2\u{b5}s3\u{3bc}s1000ns"), Ok(Duration::from_micros(7)));
        assert_eq!(duration(""), Ok(Duration::ZERO), "as if it was not given");
        for bad in ["s", "5x", "-1s", "1e999h", "1.2.3s", "+", "++1s", "1.", ".s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
