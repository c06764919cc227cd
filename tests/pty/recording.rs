//! What was seen on a terminal, as a picture or a film for the documents: SVG, made from what the program wrote.

use super::Terminal;
use super::parser;
use anstyle_svg::Term;
use std::fmt::Write as _;
use std::time::Duration;

/// Rows of a film; what is more scrolls off the top.
const ROWS: usize = 34;
/// What lasted shorter was not seen.
const BLINK: Duration = Duration::from_millis(60);
/// Nobody wants to watch a cluster work for long.
const LONGEST: Duration = Duration::from_millis(3000);
/// The end is there to be read.
const END: Duration = Duration::from_secs(8);
/// Of `anstyle_svg`: the pixels of a line, and of the border above and below the text.
const LINE: usize = 18;
const BORDER: usize = 20;

/// What the screen showed, one after the other, each with how long; lines with their colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    frames: Vec<(Duration, Vec<String>)>,
}

impl Terminal {
    /// All that was seen until now, below the line that was typed.
    pub fn recording(&self, typed: &str) -> Recording {
        let state = self.seen.lock();
        let (rows, columns) = state.parser.screen().size();
        let mut parser = parser(columns.get(), rows.get());
        let mut frames: Vec<(Duration, Vec<String>)> = Vec::new();
        let mut from = 0;
        for (index, (at, until)) in state.arrivals.iter().enumerate() {
            parser.process(&state.written[from..*until]);
            from = *until;
            let lasted = state.arrivals.get(index + 1).map_or(END, |(next, _)| next.duration_since(*at));
            let lines = lines(&parser, columns.get(), typed);
            match frames.last_mut() {
                Some((time, last)) if *last == lines => *time += lasted,
                _ if lasted < BLINK => {}
                _ => frames.push((lasted, lines)),
            }
        }
        let count = frames.len();
        for (index, (time, _)) in frames.iter_mut().enumerate() {
            *time = if index + 1 == count { END } else { (*time).min(LONGEST) };
        }
        Recording { frames }
    }
}

/// The screen's lines down to the last that is not empty, with the codes of their colours.
fn lines(parser: &vt100::Parser, columns: u16, typed: &str) -> Vec<String> {
    let coloured = parser.screen().rows_formatted(0, columns);
    let mut lines: Vec<String> = coloured.map(|row| format!("{row}\u{1b}[0m")).collect();
    let plain: Vec<String> = parser.screen().rows(0, columns).collect();
    let used = plain.iter().rposition(|row| !row.trim().is_empty()).map_or(0, |last| last + 1);
    lines.truncate(used);
    lines.insert(0, format!("\u{1b}[1m$ {typed}\u{1b}[0m"));
    lines
}

impl Recording {
    /// The end as a picture.
    pub fn picture(&self) -> String {
        let last = self.frames.last().map(|(_, lines)| lines.join("\n")).unwrap_or_default();
        term().render_svg(&last)
    }

    /// All of it, again and again; the end alone for those who asked their system for less motion.
    pub fn film(&self) -> String {
        let seen: Vec<&[String]> =
            self.frames.iter().map(|(_, lines)| &lines[lines.len().saturating_sub(ROWS)..]).collect();
        // One picture of everything has all the styles and the width.
        let whole = seen.concat().join("\n");
        let whole = term().render_svg(&whole);
        let width = between(&whole, "<svg width=\"", "px\"");
        let height = ROWS * LINE + BORDER;
        let total: Duration = self.frames.iter().map(|(time, _)| *time).sum();
        let mut moves = String::new();
        let mut pictures = String::new();
        let mut begun = Duration::ZERO;
        for (index, ((time, _), lines)) in self.frames.iter().zip(&seen).enumerate() {
            let percent = begun.as_secs_f64() / total.as_secs_f64() * 100.0;
            let top = index * height;
            write!(moves, "{percent:.2}%{{transform:translateY(-{top}px)}}").expect("text");
            let text = term().render_svg(&lines.join("\n"));
            let text = between(&text, "<text", "</text>");
            writeln!(pictures, "<g transform=\"translate(0 {top})\"><text{text}</text></g>").expect("text");
            begun += *time;
        }
        let last = self.frames.len().saturating_sub(1) * height;
        let style = between(&whole, "<style>", "</style>");
        let seconds = total.as_secs_f64();
        format!(
            "<svg width=\"{width}px\" height=\"{height}px\" viewBox=\"0 0 {width} {height}\" \
             xmlns=\"http://www.w3.org/2000/svg\">\n<style>{style}\
             @keyframes film{{{moves}}}\n.film{{animation:film {seconds:.1}s step-end infinite}}\n\
             @media (prefers-reduced-motion){{.film{{animation:none;transform:translateY(-{last}px)}}}}\n</style>\n\
             <rect width=\"100%\" height=\"100%\" rx=\"4.5\" class=\"bg\"/>\n<g class=\"film\">\n{pictures}</g>\n</svg>\n"
        )
    }
}

fn term() -> Term {
    Term::new().palette(anstyle_svg::WIN10_CONSOLE)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or(rest, |(inside, _)| inside)
}
