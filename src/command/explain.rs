//! `kubectl arc explain`: the manual, offline.

use super::Answer;
use super::Output;
use super::Paper;
use crate::cli::ExplainArgs;
use crate::diagnose::manual;
use crate::diagnose::manual::Miss;
use crate::error::Error;
use crate::error::Exit;
use crate::name;
use crate::render::manual::Sheet;
use crate::render::manual::article;
use crate::render::manual::index;

/// Carries the command out.
///
/// # Errors
/// Usage, if no page or more than one has the name.
pub fn run(args: &ExplainArgs, paper: Paper) -> Result<Answer, Error> {
    let sheet = Sheet { width: paper.width, ascii: paper.ascii };
    let text = match &args.name {
        None => index(&manual::index(), sheet),
        Some(name) => article(&manual::find(name).map_err(|miss| missed(name, miss))?.article(), sheet),
    };
    Ok(Answer { output: Output::Text(text), remarks: Vec::new(), exit: Exit::Clear })
}

/// How many names an ambiguous one is explained with.
const NAMED: usize = 6;

fn missed(name: &str, miss: Miss) -> Error {
    let explain = name::command("explain");
    let all = format!("{explain} lists all names");
    match miss {
        Miss::Ambiguous(names) => {
            let more = names.len().saturating_sub(NAMED);
            let mut shown: Vec<String> = names.into_iter().take(NAMED).collect();
            if more > 0 {
                shown.push(format!("{more} more"));
            }
            Error::usage(format!("\"{name}\" fits several names: {}", shown.join(", ")))
                .hint(format!("write more of the name; {all}"))
        }
        Miss::Unknown(near) if near.is_empty() => {
            let error = Error::usage(format!("the manual has no page \"{name}\""));
            if name.contains('/') {
                error.hint(format!(
                    "{explain} foreign-finalizer tells how to find out whose finalizer it is; {all}"
                ))
            } else {
                error.hint(all)
            }
        }
        Miss::Unknown(near) => Error::usage(format!("the manual has no page \"{name}\""))
            .hint(format!("did you mean {}? {all}", near.join(" or "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Color;

    const PAPER: Paper = Paper { width: 80, ascii: false };

    fn explain(name: Option<&str>) -> Result<String, Error> {
        let args = ExplainArgs { name: name.map(str::to_owned), color: Color::Auto };
        let answer = run(&args, PAPER)?;
        assert_eq!(answer.exit, Exit::Clear);
        match answer.output {
            Output::Text(text) => Ok(text.to_string()),
            Output::Raw(text) => Ok(text),
        }
    }

    #[test]
    fn without_a_name_it_lists_them_and_every_name_works() {
        let list = explain(None).unwrap();
        for topic in manual::topics() {
            let foreign = matches!(topic, manual::Topic::Foreign { .. });
            assert!(foreign || list.contains(topic.name()), "{} is not listed", topic.name());
            let page = explain(Some(topic.name())).unwrap();
            assert_eq!(page.lines().next(), Some(topic.name()));
        }
    }

    #[test]
    fn an_unknown_name_is_an_error_that_helps() {
        let refused = |name| {
            let error = explain(Some(name)).unwrap_err();
            assert_eq!(error.kind, crate::error::ErrorKind::Usage);
            format!("{}\n{}", error.message, error.hint.unwrap())
        };
        insta::assert_snapshot!(refused("secrt-missing"), @r#"
        the manual has no page "secrt-missing"
        did you mean secret-missing? kubectl arc explain lists all names
        "#);
        insta::assert_snapshot!(refused("example.com/unheard-of"), @r#"
        the manual has no page "example.com/unheard-of"
        kubectl arc explain foreign-finalizer tells how to find out whose finalizer it is; kubectl arc explain lists all names
        "#);
        insta::assert_snapshot!(refused("xyzzy"), @r#"
        the manual has no page "xyzzy"
        kubectl arc explain lists all names
        "#);
        insta::assert_snapshot!(refused("legacy-"), @r#"
        "legacy-" fits several names: legacy-webhook-dead, legacy-finalizer
        write more of the name; kubectl arc explain lists all names
        "#);
    }
}
