//! Activities for people: one line each, in columns.

use comfy_table::Table;
use tracker_core::{ActionSet, ActionType, Activity, Status};

use super::{
    columns::{GAP, cut, padded, shown, width},
    moment::{self, SHORT_WIDTH, SHOWN_WIDTH},
};

const COLUMNS: usize = 8;
const HEADER: [&str; COLUMNS] = [
    "TIME (UTC)",
    "STATUS",
    "ACTION",
    "DETAILS",
    "PROJECT",
    "USER",
    "REQUEST",
    "REFERENCES",
];

/// The places of the columns.
const TIME: usize = 0;
const STATUS: usize = 1;
const ACTION: usize = 2;
const DETAILS: usize = 3;
const PROJECT: usize = 4;
const USER: usize = 5;
const REQUEST: usize = 6;
const REFERENCES: usize = 7;

/// The width up to which a column grows before the details have room, if it needs as much.
const COMFORTABLE: [(usize, usize); 5] = [
    (STATUS, 12),
    (ACTION, 28),
    (PROJECT, 20),
    (USER, 20),
    (REQUEST, 20),
];

/// The width of a terminal that does not tell its width.
const TERMINAL_WIDTH: u16 = 100;

/// The widths of the columns, for all lines of one output. A column without a width is left out.
pub(crate) struct Layout {
    widths: [Option<usize>; COLUMNS],
    /// False if no text is cut, however long its line becomes.
    is_cut: bool,
    is_time_short: bool,
}

/// The columns that one kind of terminal has room for.
struct Room {
    left_out: &'static [usize],
    is_time_short: bool,
    details_min: usize,
}

/// The rooms from the widest to the narrowest.
const ROOMS: [Room; 6] = [
    Room::of(&[], 20),
    Room::of(&[REFERENCES], 18),
    Room::of(&[REFERENCES, REQUEST], 20),
    Room::of(&[REFERENCES, REQUEST, USER], 16),
    Room {
        is_time_short: true,
        ..Room::of(&[REFERENCES, REQUEST, USER], 7)
    },
    Room {
        is_time_short: true,
        ..Room::of(&[REFERENCES, REQUEST, USER, PROJECT], 7)
    },
];

impl Room {
    const fn of(left_out: &'static [usize], details_min: usize) -> Self {
        Self {
            left_out,
            is_time_short: false,
            details_min,
        }
    }

    /// Returns the least widths of the columns, which need `needed` to show all of their texts.
    fn least(&self, needed: &[usize; COLUMNS]) -> [Option<usize>; COLUMNS] {
        let (time, action) = if self.is_time_short {
            (SHORT_WIDTH, 7)
        } else {
            (SHOWN_WIDTH, 10)
        };
        let least = [time, 9, action, self.details_min, 7, 7, 7, 20];
        std::array::from_fn(|column| {
            let is_shown = needed[column] > 0 && !self.left_out.contains(&column);
            is_shown.then(|| least[column].min(needed[column]))
        })
    }
}

impl Layout {
    /// Returns the widths for the terminal that is stdout, or those that the texts need if it is
    /// none.
    pub(crate) fn for_output(activities: &[Activity], is_terminal: bool, of_all: bool) -> Self {
        let needed = needed(activities, of_all);
        if !is_terminal {
            return Self {
                widths: needed.map(|width| (width > 0).then_some(width)),
                is_cut: false,
                is_time_short: false,
            };
        }
        let width = Table::new().width().filter(|width| *width > 0);
        Self::new(needed, width.unwrap_or(TERMINAL_WIDTH).into())
    }

    /// Returns the widths for lines of this width, and texts that need such columns.
    fn new(needed: [usize; COLUMNS], width: usize) -> Self {
        let total = |widths: &[Option<usize>; COLUMNS]| {
            let shown = widths.iter().flatten();
            shown.map(|width| width + GAP).sum::<usize>() - GAP
        };
        let fits = |room: &&Room| total(&room.least(&needed)) <= width;
        let room = ROOMS.iter().find(fits).unwrap_or(&ROOMS[ROOMS.len() - 1]);
        let mut widths = room.least(&needed);
        let mut rest = width.saturating_sub(total(&widths));
        let mut grow = |column: usize, width_max: usize, rest: &mut usize| {
            if let Some(width) = &mut widths[column] {
                let more = needed[column].min(width_max).saturating_sub(*width);
                let more = more.min(*rest);
                *width += more;
                *rest -= more;
            }
        };
        for (column, width_max) in COMFORTABLE {
            grow(column, width_max, &mut rest);
        }
        // References get a third of the room if it is too small for both.
        let details = room.details_min + rest - rest / 3;
        grow(DETAILS, details, &mut rest);
        for column in [REFERENCES, DETAILS, ACTION, PROJECT, USER, REQUEST, STATUS] {
            grow(column, usize::MAX, &mut rest);
        }
        Self {
            widths,
            is_cut: true,
            is_time_short: room.is_time_short,
        }
    }

    /// Returns the header line.
    pub(crate) fn header(&self) -> String {
        self.lines([HEADER.map(str::to_owned)])
    }

    /// Returns a line for each activity.
    pub(crate) fn rows(&self, activities: &[Activity]) -> String {
        let time = if self.is_time_short {
            moment::short
        } else {
            moment::shown
        };
        self.lines(activities.iter().map(|activity| cells(activity, time)))
    }

    fn lines(&self, rows: impl IntoIterator<Item = [String; COLUMNS]>) -> String {
        let rows = rows.into_iter().map(|mut cells| {
            if self.is_cut {
                for (text, width) in cells.iter_mut().zip(self.widths) {
                    *text = cut(text, width.unwrap_or(0)).into_owned();
                }
            }
            cells
        });
        padded(rows, self.widths)
    }
}

/// Returns the width that each column needs for all of its texts; none if it is not wanted.
fn needed(activities: &[Activity], of_all: bool) -> [usize; COLUMNS] {
    let mut needed = HEADER.map(width);
    for activity in activities {
        for (needed, text) in needed.iter_mut().zip(cells(activity, moment::shown)) {
            *needed = width(&text).max(*needed);
        }
    }
    needed[TIME] = needed[TIME].max(SHOWN_WIDTH);
    if !of_all {
        needed[PROJECT] = 0;
    }
    needed
}

fn cells(activity: &Activity, time: fn(i64) -> String) -> [String; COLUMNS] {
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().to_owned();
    let references = activity
        .reference_ids
        .iter()
        .map(|(name, id)| match id.as_str() {
            Some(id) => format!("{name}={id}"),
            None => format!("{name}={id}"),
        });
    let status = activity.status.as_ref().map(Status::as_str);
    let cells = [
        activity.created_at.map(time).unwrap_or_default(),
        status.unwrap_or_default().to_owned(),
        label(activity).to_owned(),
        text(&activity.action_details),
        text(&activity.project_id),
        text(&activity.user_id),
        text(&activity.request_id),
        references.collect::<Vec<_>>().join(" "),
    ];
    cells.map(|text| shown(&text))
}

/// Returns the label of the action type.
fn label(activity: &Activity) -> &str {
    let name = activity.action_type.as_deref().unwrap_or("(no type)");
    let built_in = ActionType::ACTIONS
        .iter()
        .find(|action| action.name == name);
    built_in.map_or(name, |action| action.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment() -> Activity {
        let mut activity = Activity::new(ActionType::Deployment)
            .user_id("user_42")
            .project_id("project_7")
            .request_id("req_9f2")
            .details("deployed api:4 to https://project-7.example.org/with/a/path")
            .reference("deployment_id", "deploy_xyz789");
        activity.created_at = Some(1_795_507_291_000);
        activity
    }

    /// Returns activities of this program and of others, one of each length and script.
    fn rows() -> [Activity; 5] {
        let mut foreign = deployment().status(Status::Failure);
        foreign.action_type = Some("invoice_sent".into());
        foreign.user_id = None;
        foreign.reference_ids = tracker_core::ReferenceIds::default();
        let wide = deployment()
            .details("日本語のプロジェクトを東京リージョンにデプロイしました 👩‍👩‍👧 é")
            .user_id("田中さん");
        let long = deployment()
            .status("awaiting_confirmation".into())
            .request_id("0193a1c2-7b1e-7c44-9d0e-5f1e2d3c4b5a")
            .user_id("a-user-whose-identifier-is-rather-long@example.org");
        let unknown = serde_json::from_str(r#"{"action_id":"x","reference_ids":[1]}"#);
        let unknown = unknown.unwrap_or_else(|error| panic!("{error}"));
        [deployment(), foreign, wide, long, unknown]
    }

    fn table(width: usize, of_all: bool) -> String {
        let rows = rows();
        let layout = Layout::new(needed(&rows, of_all), width);
        layout.header() + &layout.rows(&rows)
    }

    #[test]
    fn a_terminal_of_40_columns_shows_when_what_was_done_and_how_it_ended() {
        expect_test::expect![[r"
            TIME (UTC)   STATUS     ACTION   DETAILS
            11-24 08:01  success    Deploy…  deploy…
            11-24 08:01  failure    invoic…  deploy…
            11-24 08:01  success    Deploy…  日本語…
            11-24 08:01  awaiting…  Deploy…  deploy…
                                    (no ty…
        "]]
        .assert_eq(&table(40, false));
    }

    #[test]
    fn a_terminal_of_80_columns_shows_who_did_it_too() {
        expect_test::expect![[r"
            TIME (UTC)           STATUS     ACTION      DETAILS             USER     REQUEST
            2026-11-24 08:01:31  success    Deployment  deployed api:4 to…  user_42  req_9f2
            2026-11-24 08:01:31  failure    invoice_s…  deployed api:4 to…           req_9f2
            2026-11-24 08:01:31  success    Deployment  日本語のプロジェ…   田中さ…  req_9f2
            2026-11-24 08:01:31  awaiting…  Deployment  deployed api:4 to…  a-user…  0193a1…
                                            (no type)
        "]]
        .assert_eq(&table(80, false));
    }

    #[test]
    fn a_terminal_of_110_columns_shows_the_request_too() {
        expect_test::expect![[r"
            TIME (UTC)           STATUS        ACTION        DETAILS               USER      REQUEST  REFERENCES
            2026-11-24 08:01:31  success       Deployment    deployed api:4 to h…  user_42   req_9f2  deployment_id=deplo…
            2026-11-24 08:01:31  failure       invoice_sent  deployed api:4 to h…            req_9f2
            2026-11-24 08:01:31  success       Deployment    日本語のプロジェク…   田中さん  req_9f2  deployment_id=deplo…
            2026-11-24 08:01:31  awaiting_co…  Deployment    deployed api:4 to h…  a-user-…  0193a1…  deployment_id=deplo…
                                               (no type)
        "]].assert_eq(&table(110, false));
    }

    #[test]
    fn a_terminal_of_200_columns_shows_all_there_is() {
        expect_test::expect![[r"
            TIME (UTC)           STATUS        ACTION        DETAILS                                                      USER                                     REQUEST               REFERENCES
            2026-11-24 08:01:31  success       Deployment    deployed api:4 to https://project-7.example.org/with/a/path  user_42                                  req_9f2               deployment_id=deploy_xyz789
            2026-11-24 08:01:31  failure       invoice_sent  deployed api:4 to https://project-7.example.org/with/a/path                                           req_9f2
            2026-11-24 08:01:31  success       Deployment    日本語のプロジェクトを東京リージョンにデプロイしました 👩‍👩‍👧 é  田中さん                                 req_9f2               deployment_id=deploy_xyz789
            2026-11-24 08:01:31  awaiting_co…  Deployment    deployed api:4 to https://project-7.example.org/with/a/path  a-user-whose-identifier-is-rather-long…  0193a1c2-7b1e-7c44-…  deployment_id=deploy_xyz789
                                               (no type)
        "]].assert_eq(&table(200, false));
        expect_test::expect![[r"
            TIME (UTC)           STATUS        ACTION        DETAILS                                                      PROJECT    USER                          REQUEST               REFERENCES
            2026-11-24 08:01:31  success       Deployment    deployed api:4 to https://project-7.example.org/with/a/path  project_7  user_42                       req_9f2               deployment_id=deploy_xyz789
            2026-11-24 08:01:31  failure       invoice_sent  deployed api:4 to https://project-7.example.org/with/a/path  project_7                                req_9f2
            2026-11-24 08:01:31  success       Deployment    日本語のプロジェクトを東京リージョンにデプロイしました 👩‍👩‍👧 é  project_7  田中さん                      req_9f2               deployment_id=deploy_xyz789
            2026-11-24 08:01:31  awaiting_co…  Deployment    deployed api:4 to https://project-7.example.org/with/a/path  project_7  a-user-whose-identifier-is-…  0193a1c2-7b1e-7c44-…  deployment_id=deploy_xyz789
                                               (no type)
        "]].assert_eq(&table(200, true));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_from_40_columns_on() {
        for of_all in [false, true] {
            for width_max in 40..=260 {
                for line in table(width_max, of_all).lines() {
                    assert!(width(line) <= width_max, "{width_max}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_failure_is_told_in_a_column_of_its_own_at_every_width() {
        for width_max in 40..=260 {
            let table = table(width_max, false);
            let lines: Vec<_> = table.lines().collect();
            let at = lines[0].find("STATUS").unwrap();
            assert!(lines[1][at..].starts_with("success "), "{table}");
            assert!(lines[2][at..].starts_with("failure "), "{table}");
        }
    }

    #[test]
    fn nothing_is_cut_where_there_is_no_terminal() {
        let rows = rows();
        let layout = Layout::for_output(&rows[..1], false, false);
        let text = layout.header() + &layout.rows(&rows);
        assert!(!text.contains('…'), "{text}");
        for words in [
            "👩‍👩‍👧 é",
            "0193a1c2-7b1e-7c44-9d0e-5f1e2d3c4b5a",
            "a-user-whose-identifier-is-rather-long@example.org",
            "deployment_id=deploy_xyz789",
        ] {
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn no_text_can_command_the_terminal() {
        let row = deployment().details("a\u{1b}[31mb\nc\u{202e}d\te");
        let layout = Layout::new(needed(std::slice::from_ref(&row), false), 110);
        let text = layout.rows(&[row]);
        assert!(text.contains("a\u{FFFD}[31mb c\u{FFFD}d e"), "{text}");
    }
}
