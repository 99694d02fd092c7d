//! A page's blocks as one script of the shell.
//!
//! The blocks run in one shell, so that variables and folders carry over. The output of each step
//! goes into a file of its own, under the step's number, in the folder `$OUTPUTS`.

use std::fmt::Write as _;

use tracker_documents::block::Block;

/// The beginning of each script. Standard input is a pipe that the test holds: at its end, however
/// the test ends, everything that the page has started is ended. `cargo run --example` runs what
/// was built before.
const BEGINNING: &str = r#"set -eu
exec 3<&0 </dev/null
{ read -r _ <&3 || kill 0; } &
cargo() {
    [ "$1 $2" = 'run --example' ] || command cargo "$@"
    example=$3
    shift 3
    "$EXAMPLES/$example" "$@"
}
"#;

/// A part of a page that is run by itself.
pub(crate) struct Step {
    pub(crate) commands: String,
    /// The output that the page shows for it.
    pub(crate) shown: Option<String>,
    end: End,
}

/// The way in which a step ends.
#[derive(Clone, Copy)]
enum End {
    Success,
    Failure,
    /// It runs until the page ends.
    WithThePage,
    /// It writes a file.
    File,
    /// It is parsed alone.
    Never,
}

/// Returns the steps of a page.
pub(crate) fn steps(blocks: &[Block]) -> Vec<Step> {
    let steps = blocks.iter().flat_map(|block| {
        if let Some(file) = block.file() {
            return vec![Step::file(file, &block.text)];
        }
        let end = match block {
            _ if block.has("illustration") => End::Never,
            _ if block.has("fails") => End::Failure,
            _ if block.has("background") => End::WithThePage,
            _ => End::Success,
        };
        match block.language.as_str() {
            "sh" => vec![Step::new(block.text.clone(), None, end)],
            "console" => Step::of_console(&block.text, end),
            _ => Vec::new(),
        }
    });
    steps.collect()
}

impl Step {
    fn new(commands: String, shown: Option<String>, end: End) -> Self {
        Self {
            commands,
            shown,
            end,
        }
    }

    fn file(name: &str, text: &str) -> Self {
        let commands = format!(
            "mkdir -p \"$(dirname '{name}')\"\ncat >'{name}' <<'END_OF_FILE'\n{text}END_OF_FILE\n"
        );
        Self::new(commands, None, End::File)
    }

    /// Returns the commands of a session that is shown with its prompts. `> ` continues a command.
    fn of_console(text: &str, end: End) -> Vec<Self> {
        let mut steps: Vec<Self> = Vec::new();
        let mut goes_on = false;
        for line in text.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Self::new(format!("{command}\n"), Some(String::new()), end));
                goes_on = command.ends_with('\\');
                continue;
            }
            let step = steps.last_mut().expect("a session begins with `$ `");
            if let Some(more) = line.strip_prefix("> ").or(goes_on.then_some(line)) {
                let _ = writeln!(step.commands, "{more}");
                goes_on = more.ends_with('\\');
            } else if let Some(shown) = &mut step.shown {
                let _ = writeln!(shown, "{line}");
            }
        }
        steps
    }

    pub(crate) fn is_run(&self) -> bool {
        !matches!(self.end, End::Never)
    }
}

/// Returns the script of the steps.
pub(crate) fn script(steps: &[Step]) -> String {
    let mut script = BEGINNING.to_owned();
    for (index, step) in steps.iter().enumerate() {
        let commands = &step.commands;
        let output = format!("\"$OUTPUTS/{index}\" 2>&1");
        let _ = match step.end {
            End::Success | End::File => write!(script, "{{\n{commands}}} >{output}\n"),
            End::Failure => write!(
                script,
                "if (\n{commands}) >{output}; then echo 'it did not fail' >>{output}; exit 1; fi\n"
            ),
            End::WithThePage => write!(
                script,
                "{{\n{commands}}} >{output} &\nstarted=$!\n\
                 until [ -s \"$OUTPUTS/{index}\" ]; do kill -0 \"$started\"; sleep 0.05; done\n"
            ),
            End::Never => Ok(()),
        };
    }
    script
}
