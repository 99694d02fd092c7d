//! Pages and arrivals are merged into the same blocks and folds as plain Rust makes of the rows.

use std::collections::{HashSet, VecDeque};

use fastrand::Rng;
use serde::Serialize;
use serde_json::{Value, json};
use tracker_core::{Activity, Status};
use tracker_tests::browser::{Site, TUESDAY, Timeline, at, numbered};

use super::{PAGE, model};

const CASES: u64 = 300;

const HOUR: i64 = 3_600_000;

/// Plays the events of all cases into the modules of the page, and tells what they hold after each.
const PLAY: &str = r#"
    const [{ Blocks }, { entriesOf, folded }, { Arrivals }, { activityFrom }] = await Promise.all(
        ["blocks", "folds", "arrivals", "activity"].map((name) => import(`/assets/timeline-${name}.js`)));
    const told = ({ activity, run, block }) =>
        activity ? { row: activity.id }
        : run ? { run: run.map(({ id }) => id) }
        : { block: [block.request, folded(block.activities).map(told)] };
    return given[0].map(({ rows, events }) => {
        const activities = rows.map(activityFrom);
        const blocks = new Blocks();
        const arrivals = new Arrivals(blocks);
        return events.map(({ written, page, complete, arrived }) => {
            if (page) {
                blocks.append(page.map((block) => ({ activities: block.map((place) => activities[place]), hasMore: false })), complete);
                arrivals.pageLoaded();
            } else {
                arrivals.take(activities[arrived]);
            }
            const released = arrivals.release();
            const wanted = blocks.requestsToComplete(released);
            blocks.insert(released);
            const inServer = activities.slice(0, written);
            for (const request of wanted) blocks.complete(request, inServer.filter((row) => row.request === request), false);
            return {
                known: blocks.days.flatMap(({ blocks }) => blocks.flatMap(({ activities }) => activities.map(({ id }) => id))),
                days: blocks.days.map(({ key, blocks }) => [key === "none" ? null : Date.parse(key) / 86_400_000, entriesOf(blocks).map(told)]),
            };
        });
    });
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merged_pages_and_arrivals_are_the_blocks_and_folds_of_plain_rust() {
    let site = Site::with(numbered(1)).await;
    let page = Timeline::open(site.address(), PAGE).await;
    let cases: Vec<Case> = (0..CASES).map(Case::random).collect();
    let Value::Array(answers) = page.run(PLAY, vec![json!(cases)]).await else {
        panic!("no list of cases");
    };
    let mut folds = 0;
    for (seed, (case, answer)) in cases.iter().zip(&answers).enumerate() {
        let looks = answer.as_array().unwrap();
        for (step, look) in looks.iter().enumerate() {
            let known: Vec<String> = serde_json::from_value(look["known"].clone()).unwrap();
            let ids: HashSet<&str> = known.iter().map(String::as_str).collect();
            assert_eq!(ids.len(), known.len(), "case {seed}, event {step}: twice");
            let known = case.rows.iter();
            let known = known.filter(|row| ids.contains(row.action_id.as_str()));
            let known: Vec<Activity> = known.cloned().collect();
            let expected = json!(model::days(&known));
            assert_eq!(look["days"], expected, "case {seed}, event {step}");
            folds += usize::from(expected.to_string().contains("run"));
        }
        let last = looks.last().unwrap()["known"].as_array().unwrap().len();
        assert_eq!(last, case.rows.len(), "case {seed} has lost rows");
    }
    assert!(folds > 100, "{folds} looks at folds prove little");
    page.was_quiet().await;
}

/// The events of a reader who loads all pages while rows are written.
#[derive(Serialize)]
struct Case {
    /// All rows that the server has in the end, in the order in which they were written.
    rows: Vec<Activity>,
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    /// The number of rows that the server has.
    written: usize,
    #[serde(flatten)]
    what: What,
}

/// Rows are told by their index.
#[derive(Serialize)]
#[serde(untagged)]
enum What {
    Arrival {
        arrived: usize,
    },
    Page {
        page: Vec<Vec<usize>>,
        complete: bool,
    },
}

impl Case {
    fn random(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let mut case = Self {
            rows: Vec::new(),
            events: Vec::new(),
        };
        for _ in 0..random.usize(1..60) {
            case.write(&mut random);
        }
        let top = case.rows.iter().map(place).max().unwrap();
        let mut cursor = None;
        let mut to_come = VecDeque::new();
        let mut is_complete = false;
        while !is_complete {
            for _ in 0..random.usize(0..4) {
                to_come.push_back(case.rows.len());
                case.write(&mut random);
            }
            // A row that is written reaches the reader a little later, now and then after a page.
            while random.bool()
                && let Some(arrived) = to_come.pop_front()
            {
                case.add(What::Arrival { arrived });
            }
            is_complete = case.read_page(&top, &mut cursor, random.usize(1..20));
        }
        for arrived in to_come {
            case.add(What::Arrival { arrived });
        }
        case
    }

    fn add(&mut self, what: What) {
        let written = self.rows.len();
        self.events.push(Event { written, what });
    }

    fn write(&mut self, random: &mut Rng) {
        let id = format!("{:08x}-{}", random.u32(..), self.rows.len());
        let hours = random.choice([0, 0, 1, 2, 20, 30, 60]).unwrap();
        let time = TUESDAY - hours * HOUR - random.i64(0..3);
        let action_type = random.choice(["deployment", "github_push"]).unwrap();
        let mut row = at(&id, action_type, time);
        row.created_at = (random.u8(..30) > 0).then_some(time);
        row.user_id = Some(random.choice(["ada", "ada", "bob"]).unwrap().to_owned());
        row.environment = (random.u8(..5) > 0).then(|| "production".to_owned());
        row.status = match random.u8(..8) {
            0 => Some(Status::Failure),
            1 => None,
            _ => Some(Status::Success),
        };
        row.action_type = row.action_type.filter(|_| random.u8(..20) > 0);
        let request = random.u8(..12);
        row.request_id = (request > 3).then(|| format!("req_{request}"));
        self.rows.push(row);
    }

    /// Adds the next page of blocks, whose top is frozen, and returns true if it is the last one.
    fn read_page(&mut self, top: &Place, cursor: &mut Option<Place>, limit: usize) -> bool {
        let frozen: Vec<Activity> = self
            .rows
            .iter()
            .filter(|row| place(row) <= *top)
            .cloned()
            .collect();
        let mut left: Vec<Place> = frozen.iter().map(place).collect();
        left.retain(|place| cursor.as_ref().is_none_or(|cursor| place < cursor));
        left.sort();
        let walked = left.split_off(left.len().saturating_sub(limit));
        let blocks = model::blocks(&frozen).into_iter();
        let page = blocks.filter(|block| walked.contains(&place(block[0])));
        let indices = |block: Vec<&Activity>| {
            let index = |row: &&Activity| {
                self.rows
                    .iter()
                    .position(|other| other.action_id == row.action_id)
                    .unwrap()
            };
            block.iter().rev().map(index).collect::<Vec<_>>()
        };
        let page = page.map(indices).collect();
        let complete = left.is_empty();
        *cursor = walked.into_iter().next().or(cursor.take());
        self.add(What::Page { page, complete });
        complete
    }
}

/// The place of a row: later ones and greater IDs stand above, those without a time at the end.
type Place = (Option<i64>, String);

fn place(row: &Activity) -> Place {
    (row.created_at, row.action_id.clone())
}
