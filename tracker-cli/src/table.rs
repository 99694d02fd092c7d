//! Activities for people: one line each, in columns.

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width, presets};
use tracker_core::{ActionSet, ActionType, Activity, Status};

use super::moment::{self, SHOWN_WIDTH};

const HEADER: [&str; COLUMNS] = ["TIME (UTC)", "ACTION", "DETAILS", "USER", "REFERENCES"];
const COLUMNS: usize = 5;

/// The space between two columns.
const GAP: u16 = 2;

const ACTION_WIDTH_MAX: usize = 28;
const USER_WIDTH_MAX: usize = 20;
const DETAILS_WIDTH_MIN: usize = 20;

/// The least width of the references, below which they are left out.
const REFERENCES_WIDTH_MIN: usize = 20;

/// The width of a terminal that does not tell its width.
const TERMINAL_WIDTH: u16 = 100;

/// The widths of the columns, for all lines of one output. A column without a width is left out.
pub(crate) struct Layout {
    widths: [usize; COLUMNS],
}

impl Layout {
    /// Returns the widths for the terminal that is stdout.
    pub(crate) fn for_terminal(activities: &[Activity]) -> Self {
        let width = Table::new().width().filter(|width| *width > 0);
        Self::new(activities, width.unwrap_or(TERMINAL_WIDTH).into())
    }

    /// Returns the widths for lines of this width, and activities like these.
    fn new(activities: &[Activity], width: usize) -> Self {
        let cells: Vec<_> = activities.iter().map(cells).collect();
        let needed = |column: usize| {
            let texts = cells.iter().map(|cells| cells[column].chars().count());
            texts.max().unwrap_or(0).max(HEADER[column].len())
        };
        let [action, user] = [(1, ACTION_WIDTH_MAX), (3, USER_WIDTH_MAX)]
            .map(|(column, width_max)| needed(column).min(width_max));
        let rest =
            width.saturating_sub(SHOWN_WIDTH + action + user + (COLUMNS - 1) * usize::from(GAP));
        // References get a third of the room if it is too small for both.
        let room = (rest * 2 / 3).max(rest.saturating_sub(needed(4)));
        let details = needed(2).min(room).max(DETAILS_WIDTH_MIN);
        let references = rest.saturating_sub(details);
        let widths = [SHOWN_WIDTH, action, details, user, references];
        if references >= REFERENCES_WIDTH_MIN {
            return Self { widths };
        }
        let details = rest + usize::from(GAP);
        Self {
            widths: [SHOWN_WIDTH, action, details.max(DETAILS_WIDTH_MIN), user, 0],
        }
    }

    /// Returns the header line.
    pub(crate) fn header(&self) -> String {
        self.lines([HEADER.map(str::to_owned)])
    }

    /// Returns a line for each activity.
    pub(crate) fn rows(&self, activities: &[Activity]) -> String {
        self.lines(activities.iter().map(cells))
    }

    fn lines(&self, rows: impl IntoIterator<Item = [String; COLUMNS]>) -> String {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        for cells in rows {
            let mut row = Row::from(cells);
            row.max_height(1);
            table.add_row(row);
        }
        for (column, width) in table.column_iter_mut().zip(self.widths) {
            let width = u16::try_from(width).unwrap_or(u16::MAX);
            column.set_padding((0, GAP));
            column.set_constraint(match width {
                0 => ColumnConstraint::Hidden,
                width => ColumnConstraint::Absolute(Width::Fixed(width.saturating_add(GAP))),
            });
        }
        let mut text = String::new();
        for line in table.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

fn cells(activity: &Activity) -> [String; COLUMNS] {
    let text = |text: &Option<String>| shown(text.as_deref().unwrap_or_default());
    let references = activity
        .reference_ids
        .iter()
        .map(|(name, id)| match id.as_str() {
            Some(id) => format!("{name}={id}"),
            None => format!("{name}={id}"),
        });
    [
        activity.created_at.map(moment::shown).unwrap_or_default(),
        shown(&action(activity)),
        text(&activity.action_details),
        text(&activity.user_id),
        shown(&references.collect::<Vec<_>>().join(" ")),
    ]
}

/// Returns the label, and the status if it is not `success`.
fn action(activity: &Activity) -> String {
    let name = activity.action_type.as_deref().unwrap_or("(no type)");
    let built_in = ActionType::ACTIONS
        .iter()
        .find(|action| action.name == name);
    let label = built_in.map_or(name, |action| action.label);
    match &activity.status {
        None | Some(Status::Success) => label.to_owned(),
        Some(status) => format!("{label} ({status})"),
    }
}

/// Returns a text without characters that move the cursor, colour the terminal or change the
/// direction of the text after them.
pub(crate) fn shown(text: &str) -> String {
    let replace = |letter: char| match letter {
        letter if letter.is_whitespace() => ' ',
        letter if letter.is_control() => '\u{FFFD}',
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        letter => letter,
    };
    text.chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment() -> Activity {
        let mut activity = Activity::new(ActionType::Deployment)
            .user_id("user_42")
            .details("deployed api:4 to https://project-7.example.org/with/a/path")
            .reference("deployment_id", "deploy_xyz789");
        activity.created_at = Some(1_795_507_291_000);
        activity
    }

    #[test]
    fn each_activity_is_one_line_that_fits_the_terminal() {
        let mut foreign = deployment().status(Status::Failure);
        foreign.action_type = Some("invoice_sent".into());
        foreign.user_id = None;
        foreign.reference_ids = tracker_core::ReferenceIds::default();
        let rows = [deployment(), foreign];
        let layout = Layout::new(&rows, 110);
        let text = layout.header() + &layout.rows(&rows);
        expect_test::expect![[r"
            TIME (UTC)           ACTION                  DETAILS                                                   USER
            2026-11-24 08:01:31  Deployment              deployed api:4 to…                                        user_42
            2026-11-24 08:01:31  invoice_sent (failure)  deployed api:4 to…
        "]].assert_eq(&text);
    }

    #[test]
    fn what_a_narrow_terminal_has_no_room_for_is_cut() {
        let layout = Layout::new(&[deployment()], 80);
        let text = layout.header() + &layout.rows(&[deployment()]);
        expect_test::expect![[r"
            TIME (UTC)           ACTION      DETAILS                                 USER
            2026-11-24 08:01:31  Deployment  deployed api:4 to https://project-7.e…  user_42
        "]]
        .assert_eq(&text);
    }

    #[test]
    fn no_text_can_command_the_terminal() {
        let row = deployment().details("a\u{1b}[31mb\nc\u{202e}d\te");
        let layout = Layout::new(std::slice::from_ref(&row), 110);
        let text = layout.rows(&[row]);
        assert!(text.contains("a\u{FFFD}[31mb c\u{FFFD}d e"), "{text}");
    }

    #[test]
    fn a_row_of_which_nothing_is_known_is_shown() {
        let row = serde_json::from_str(r#"{"action_id":"x","reference_ids":[1]}"#);
        let row: Activity = row.unwrap_or_else(|error| panic!("{error}"));
        let text = Layout::new(std::slice::from_ref(&row), 80).rows(&[row]);
        assert_eq!(text.trim(), "(no type)");
    }
}
