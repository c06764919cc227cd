//! What the environment and the streams say about how things are to be shown.

use dialoguer::console::Term;
use std::io;

/// What the user said about colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// As the environment and the stream suggest.
    #[default]
    Auto,
    Always,
    Never,
}

/// What the outside says that decides how things are shown. Injected, so that tests need no environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM`, `COLUMNS`, `LC_ALL`, `LC_CTYPE` and `LANG`.
    pub no_color: Option<String>,
    pub clicolor: Option<String>,
    pub clicolor_force: Option<String>,
    pub term: Option<String>,
    pub columns: Option<String>,
    pub locale: Option<String>,
    /// `CI`, which build servers set.
    pub ci: Option<String>,
    /// Whether stdin is a terminal.
    pub stdin: bool,
    pub out: There,
    pub err: There,
}

/// What is at the other end of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct There {
    pub terminal: bool,
    /// How wide it says it is.
    pub width: Option<usize>,
}

impl There {
    fn of(term: &Term) -> Self {
        let width = term.size_checked().map(|(_, columns)| usize::from(columns));
        Self { terminal: term.is_term(), width }
    }
}

impl Surroundings {
    /// Those of this process.
    pub fn read() -> Self {
        let get = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let filled = |name: &str| get(name).filter(|value| !value.is_empty());
        Self {
            no_color: get("NO_COLOR"),
            clicolor: get("CLICOLOR"),
            clicolor_force: get("CLICOLOR_FORCE"),
            term: get("TERM"),
            columns: get("COLUMNS"),
            locale: filled("LC_ALL").or_else(|| filled("LC_CTYPE")).or_else(|| filled("LANG")),
            ci: filled("CI"),
            stdin: io::IsTerminal::is_terminal(&io::stdin()),
            out: There::of(&Term::stdout()),
            err: There::of(&Term::stderr()),
        }
    }

    /// Whether a stream gets colours. The flag wins, then NO_COLOR, CLICOLOR_FORCE, CLICOLOR, and only then what
    /// the stream is.
    pub fn colors(&self, color: Color, terminal: bool) -> bool {
        let filled = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if filled(&self.no_color) => false,
            Color::Auto if filled(&self.clicolor_force) && self.clicolor_force.as_deref() != Some("0") => {
                true
            }
            Color::Auto if self.clicolor.as_deref() == Some("0") => false,
            Color::Auto => terminal && !self.is_dumb(),
        }
    }

    /// `COLUMNS` if it is a number, else the terminal's width, else 80; never too narrow to read or too wide for
    /// the eye.
    pub fn columns(&self, there: There) -> usize {
        let asked = self.columns.as_deref().and_then(|columns| columns.trim().parse().ok());
        let seen = there.width.filter(|_| there.terminal);
        asked.filter(|columns| *columns > 0).or(seen).unwrap_or(80).clamp(40, 120)
    }

    /// True where lines and arrows would come out as garbage: a terminal whose locale is known and not UTF-8.
    pub fn is_ascii(&self, there: There) -> bool {
        let Some(locale) = self.locale.as_deref() else { return false };
        let locale = locale.to_ascii_lowercase();
        there.terminal && !locale.contains("utf-8") && !locale.contains("utf8")
    }

    /// True if somebody can be asked.
    pub fn can_ask(&self) -> bool {
        let is_ci = self.ci.as_deref().is_some_and(|ci| ci != "false" && ci != "0");
        self.stdin && self.can_redraw() && !is_ci
    }

    /// True if lines at stderr can be written over.
    pub fn can_redraw(&self) -> bool {
        self.err.terminal && !self.is_dumb()
    }

    /// True if what stands at stdout can be written over.
    pub fn can_replace(&self) -> bool {
        self.out.terminal && !self.is_dumb()
    }

    fn is_dumb(&self) -> bool {
        self.term.as_deref() == Some("dumb")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    fn on_terminal() -> Surroundings {
        let there = There { terminal: true, width: Some(100) };
        Surroundings { stdin: true, out: there, err: there, ..Surroundings::default() }
    }

    #[test]
    fn the_flag_wins_over_the_environment_and_the_environment_over_the_terminal() {
        let with = |change: fn(&mut Surroundings)| {
            let mut surroundings = on_terminal();
            change(&mut surroundings);
            surroundings
        };
        let auto = |surroundings: Surroundings, terminal| surroundings.colors(Color::Auto, terminal);
        assert!(auto(on_terminal(), true));
        assert!(!auto(on_terminal(), false));
        assert!(!auto(with(|s| s.no_color = set("1")), true));
        assert!(auto(with(|s| s.no_color = set("")), true));
        assert!(auto(with(|s| s.clicolor_force = set("1")), false));
        assert!(!auto(with(|s| s.clicolor_force = set("0")), false));
        assert!(!auto(with(|s| (s.no_color, s.clicolor_force) = (set("1"), set("1"))), true));
        assert!(auto(with(|s| (s.clicolor, s.clicolor_force) = (set("0"), set("1"))), false));
        assert!(!auto(with(|s| s.clicolor = set("0")), true));
        assert!(!auto(with(|s| s.term = set("dumb")), true));
        assert!(with(|s| s.no_color = set("1")).colors(Color::Always, false));
        assert!(!with(|s| s.clicolor_force = set("1")).colors(Color::Never, true));
    }

    #[test]
    fn the_width_is_that_of_columns_then_the_terminal_then_eighty() {
        let columns = |columns: Option<&str>, width, terminal| {
            let columns = columns.map(str::to_owned);
            Surroundings { columns, ..Surroundings::default() }.columns(There { terminal, width })
        };
        assert_eq!(columns(Some("100"), Some(90), true), 100);
        assert_eq!(columns(Some("wide"), Some(90), true), 90);
        assert_eq!(columns(Some("0"), None, true), 80);
        assert_eq!(columns(None, Some(90), false), 80);
        assert_eq!(columns(None, Some(20), true), 40);
        assert_eq!(columns(Some("999"), None, false), 120);
    }

    #[test]
    fn lines_are_ascii_where_the_locale_cannot_draw() {
        let ascii = |locale: Option<&str>, terminal| {
            let locale = locale.map(str::to_owned);
            Surroundings { locale, ..Surroundings::default() }.is_ascii(There { terminal, width: None })
        };
        assert!(ascii(Some("C"), true));
        assert!(!ascii(Some("C"), false));
        assert!(!ascii(Some("de_DE.UTF-8"), true));
        assert!(!ascii(None, true));
    }

    #[test]
    fn nobody_is_asked_unless_a_person_can_answer() {
        let asks = |change: fn(&mut Surroundings)| {
            let mut surroundings = on_terminal();
            change(&mut surroundings);
            surroundings.can_ask()
        };
        assert!(asks(|_| {}));
        assert!(asks(|s| s.out.terminal = false));
        assert!(asks(|s| s.ci = set("false")));
        assert!(!asks(|s| s.stdin = false));
        assert!(!asks(|s| s.err.terminal = false));
        assert!(!asks(|s| s.term = set("dumb")));
        assert!(!asks(|s| s.ci = set("true")));
    }
}
