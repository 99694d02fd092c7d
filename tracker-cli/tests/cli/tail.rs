//! `tracker tail`.

use std::{
    io::{BufRead as _, BufReader},
    process::Child,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tracker_core::{ActionType, Activity, Status, store::sqlite::rusqlite::Connection};
use tracker_tests::{
    pgbouncer::PgBouncer,
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
    process::wait_until,
};

use crate::support::{Place, ids, numbered, parsed};

const LIMIT: Duration = Duration::from_mins(1);

/// A running `tracker tail`, which is killed on drop.
struct Tail {
    child: Child,
    stdout: Lines,
    stderr: Lines,
}

type Lines = Arc<Mutex<String>>;

fn collect(pipe: impl std::io::Read + Send + 'static) -> Lines {
    let lines = Lines::default();
    let collected = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            *collected.lock().unwrap() += &(line + "\n");
        }
    });
    lines
}

impl Tail {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let arguments = [&["tail", "-p", "project_7", "--follow"], arguments].concat();
        let mut child = place.command(&arguments).spawn().unwrap();
        Self {
            stdout: collect(child.stdout.take().unwrap()),
            stderr: collect(child.stderr.take().unwrap()),
            child,
        }
    }

    fn activities(&self) -> Vec<Activity> {
        parsed(&self.stdout.lock().unwrap())
    }

    /// Waits until as many activities are printed as are expected, and compares them.
    #[track_caller]
    fn prints(&self, expected: &[&str]) {
        wait_until(LIMIT, &format!("printed {expected:?}"), || {
            self.activities().len() >= expected.len()
        });
        assert_eq!(ids(&self.activities()), expected);
    }

    #[track_caller]
    fn says(&self, text: &str) {
        wait_until(LIMIT, &format!("said {text:?}"), || {
            self.stderr.lock().unwrap().contains(text)
        });
    }

    /// Ends the process as Ctrl-C does, and returns the exit code.
    fn interrupt(&mut self) -> Option<i32> {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_last_ones_come_with_the_oldest_first() {
    for place in Place::of_each_kind().await {
        place.write((0..30).map(numbered).collect()).await;
        let last = place.run(&["tail", "-p", "project_7", "-n", "3"]);
        assert_eq!(ids(&last.activities()), ["000027", "000028", "000029"]);
        let default = place.run(&["tail", "-p", "project_7"]);
        assert_eq!(default.activities().len(), 20);
        assert_eq!(
            place.run(&["tail", "-p", "project_7", "-n", "0"]).printed(),
            ""
        );
    }
}

#[tokio::test]
async fn what_comes_is_shown_once_however_late_it_is_until_it_is_interrupted() {
    for place in Place::of_each_kind().await {
        place.write(vec![numbered(10), numbered(11)]).await;
        let mut tail = Tail::start(&place, &["-n", "1"]);
        tail.prints(&["000011"]);
        place.write(vec![numbered(12)]).await;
        tail.prints(&["000011", "000012"]);
        // One row was recorded long before and arrives now, and the other is of another project.
        let other = numbered(99).project_id("project_8");
        place.write(vec![numbered(3), other]).await;
        tail.prints(&["000011", "000012", "000003"]);
        place.write(vec![numbered(13)]).await;
        tail.prints(&["000011", "000012", "000003", "000013"]);
        assert_eq!(tail.interrupt(), Some(0));
        assert_eq!(*tail.stderr.lock().unwrap(), "");
    }
}

#[tokio::test]
async fn filters_hold_for_what_comes() {
    for place in Place::of_each_kind().await {
        let tail = Tail::start(&place, &["-n", "5", "--status", "failure"]);
        let failed = |number| numbered(number).status(Status::Failure);
        place.write(vec![numbered(1), failed(2)]).await;
        place.write(vec![numbered(3), failed(4)]).await;
        tail.prints(&["000002", "000004"]);
    }
}

#[tokio::test]
async fn more_than_a_page_that_comes_at_once_is_shown_whole() {
    for place in Place::of_each_kind().await {
        place.write(vec![numbered(0)]).await;
        let tail = Tail::start(&place, &[]);
        tail.prints(&["000000"]);
        place.write((1..2_500).map(numbered).collect()).await;
        let all: Vec<_> = (0..2_500).map(|number| format!("{number:06}")).collect();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        tail.prints(&all);
    }
}

#[tokio::test]
async fn a_store_that_goes_away_is_waited_for_and_nothing_is_missed() {
    let mut server = ExclusiveServer::new(&ServerOptions::default());
    let place = Place::at(&server.url());
    place.store().migrate().await.unwrap();
    place.write(vec![numbered(1)]).await;
    let mut tail = Tail::start(&place, &[]);
    tail.prints(&["000001"]);
    for number in [2, 4] {
        server.stop();
        tail.says("the store is away, and is waited for: can't reach Postgres at ");
        server.start();
        place.write(vec![numbered(number)]).await;
        tail.says("the store is back");
        place.write(vec![numbered(number + 1)]).await;
        let shown: Vec<_> = (1..=number + 1)
            .map(|number| format!("{number:06}"))
            .collect();
        tail.prints(&shown.iter().map(String::as_str).collect::<Vec<_>>());
        let said = std::mem::take(&mut *tail.stderr.lock().unwrap());
        assert!(!said.contains("deadpool"), "{said}");
    }
    assert_eq!(tail.interrupt(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_that_tells_no_news_what_comes_is_shown_all_the_same() {
    let database = TestDatabase::create().await;
    let bouncer = tokio::task::block_in_place(|| PgBouncer::before(database.url(), 2));
    let (direct, pooled) = (
        Place::at(database.url()),
        Place::at(&bouncer.url(database.url())),
    );
    let refused = pooled.run(&["migrate"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("give the URL of the server itself"),
        "{refused:?}"
    );
    direct.run(&["migrate"]).printed();
    pooled.write(vec![numbered(1)]).await;
    let mut tail = Tail::start(&pooled, &[]);
    tail.prints(&["000001"]);
    direct.write(vec![numbered(2)]).await;
    tail.prints(&["000001", "000002"]);
    pooled.write(vec![numbered(3)]).await;
    tail.prints(&["000001", "000002", "000003"]);
    assert_eq!(tail.interrupt(), Some(0));
    assert_eq!(*tail.stderr.lock().unwrap(), "");
}

const ANEW: &str = "the store is not the one that it was";

#[tokio::test]
async fn numbers_that_a_file_gives_again_hide_nothing_that_comes() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write((0..3).map(numbered).collect()).await;
    // The rows that arrived last are the oldest.
    let old = |number| {
        let mut row = numbered(number);
        row.created_at = Some(1);
        row
    };
    place.write((100..300).map(old).collect()).await;
    let mut tail = Tail::start(&place, &["-n", "1"]);
    tail.prints(&["000002"]);
    place.write(vec![fresh(500)]).await;
    tail.prints(&["000002", "000500"]);
    // The rows are replaced at once, before the tail looks again.
    let store = place.store();
    let file = Connection::open(place.path().join("tracker.db")).unwrap();
    file.execute(
        "DELETE FROM project_actions WHERE created_at = 1 OR action_id = '000500'",
        [],
    )
    .unwrap();
    let rows: Vec<_> = (600..608).map(fresh).collect();
    store.write(rows.into()).await.unwrap();
    let mut expected = vec!["000002".to_owned(), "000500".to_owned()];
    expected.extend((600..608).map(|number| format!("{number:06}")));
    tail.prints(&expected.iter().map(String::as_str).collect::<Vec<_>>());
    tail.says(ANEW);
    place.write(vec![fresh(700)]).await;
    expected.push("000700".to_owned());
    tail.prints(&expected.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(tail.interrupt(), Some(0));
}

/// Returns an activity that was recorded now.
fn fresh(number: i64) -> Activity {
    let mut row = numbered(number);
    row.created_at = Activity::new(ActionType::Deployment).created_at;
    row
}

/// Asserts that a tail shows each row once if the store becomes another one, which has rows 2 and
/// 3.
async fn shows_what_came_into_another_store(place: &Place, becomes_another: impl AsyncFnOnce()) {
    place.store().migrate().await.unwrap();
    place.write(vec![numbered(1)]).await;
    let mut tail = Tail::start(place, &[]);
    tail.prints(&["000001"]);
    place.write(vec![fresh(2)]).await;
    tail.prints(&["000001", "000002"]);
    becomes_another().await;
    tail.says(ANEW);
    place.write(vec![fresh(4)]).await;
    tail.prints(&["000001", "000002", "000003", "000004"]);
    assert_eq!(tail.interrupt(), Some(0));
}

#[tokio::test]
async fn another_file_in_the_place_of_one_that_is_followed_is_told_and_shown() {
    let place = Place::sqlite();
    shows_what_came_into_another_store(&place, async || {
        let other = Place::sqlite();
        other.store().migrate().await.unwrap();
        other.write(vec![fresh(3), fresh(2)]).await;
        let [from, to] = [&other, &place].map(|place| place.path().join("tracker.db"));
        std::fs::rename(from, to).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_table_that_was_dropped_and_restored_is_told_and_shown() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    shows_what_came_into_another_store(&place, async || {
        let client = database.connect().await;
        let drop = "DROP SCHEMA turbobackend CASCADE";
        client.batch_execute(drop).await.unwrap();
        place.store().migrate().await.unwrap();
        place.write(vec![fresh(3), fresh(2)]).await;
    })
    .await;
}
