//! `tracker import`: the handling of each line.

use std::{fs, io::Write as _};

use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tracker_tests::postgres::TestDatabase;

use crate::support::{Place, numbered};

/// Returns a text as gzip packs it.
fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

/// Returns a text as zstd packs it.
fn zstd_of(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, CompressionLevel::Fastest)
}

#[tokio::test]
async fn a_bad_line_is_named_and_what_is_before_it_is_imported() {
    for place in Place::of_each_kind().await {
        let line = |number| serde_json::to_string(&numbered(number)).unwrap();
        let input = format!(
            "{}\n\n{{\"action_id\":7}}\n{}\n{{\"action_id\":\"x\",\"user\":1}}\n",
            line(1),
            line(2)
        );
        let said = place.run_with(&["import"], input.as_bytes()).failed(1);
        assert!(
            said.contains("imported 1 new activity before it failed"),
            "{said}"
        );
        assert!(said.contains("line 3 can't be imported"), "{said}");
        assert_eq!(place.run(&["export"]).activities().len(), 1);

        let run = place.run_with(&["import", "--keep-going"], input.as_bytes());
        assert_eq!(run.code, Some(3), "{run:?}");
        assert_eq!(
            run.stdout,
            "imported 1 new activity; 1 was there already; passed over 2 lines\n"
        );
        let said: Vec<_> = run.stderr.lines().collect();
        assert!(
            said[0].starts_with("line 3: it is no activity: ") && said[0].contains(" at column "),
            "{run:?}"
        );
        assert_eq!(
            said[1],
            "line 5: it has the unknown key `user`: the keys are action_id, project_id, user_id, request_id, action_type, action_details, status, environment, reference_ids, created_at; for rows of another log see --map"
        );
        assert_eq!(
            said[2],
            "error: 2 lines were not imported, the first of them line 3: mend them and import the file again"
        );
        assert_eq!(place.run(&["export"]).activities().len(), 2);
    }
}

#[tokio::test]
async fn the_line_that_the_help_shows_is_an_activity() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let help = place.run(&["import", "--help"]).printed();
    let line = help.lines().find(|line| line.starts_with("  {")).unwrap();
    let said = place.run_with(&["import"], line.as_bytes()).printed();
    assert_eq!(said, "imported 1 new activity\n");
    let row = &place.run(&["export"]).activities()[0];
    assert_eq!(row.created_at, Some(1_795_507_291_000));
}

#[tokio::test]
async fn a_line_that_never_ends_takes_no_memory() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let mut input = vec![b'{'; 64 << 20];
    input.extend(b"\n{\"action_id\":\"a\",\"user_id\":\"u\"}");
    let run = place.run_with(&["import", "--keep-going"], &input);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.stderr.starts_with("line 1: it is longer than 1 MiB\n"),
        "{run:?}"
    );
    assert_eq!(run.stdout, "imported 1 new activity; passed over 1 line\n");
}

/// Returns a hundred activities, one a line.
fn hundred() -> String {
    let lines = (0..100).map(|number| serde_json::to_string(&numbered(number)).unwrap() + "\n");
    lines.collect()
}

/// Imports a hundred lines into a store that refuses rows 41 and 77 with the message `says`, and
/// checks the outcome.
#[track_caller]
fn refuses_two_of_a_hundred(place: &Place, says: &str) {
    let said = place.run_with(&["import"], hundred().as_bytes()).failed(1);
    assert!(
        said.contains("imported 41 new activities before it failed"),
        "{said}"
    );
    assert!(said.contains("line 42 can't be imported"), "{said}");
    assert!(said.contains(says), "{said}");

    let run = place.run_with(&["import", "--keep-going"], hundred().as_bytes());
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(
        run.stdout,
        "imported 57 new activities; 41 were there already; passed over 2 lines\n"
    );
    let said: Vec<_> = run.stderr.lines().collect();
    assert_eq!(said.len(), 3, "{run:?}");
    assert!(
        said[0].starts_with("line 42: ") && said[0].contains(says),
        "{run:?}"
    );
    assert!(
        said[1].starts_with("line 78: ") && said[1].contains(says),
        "{run:?}"
    );
    assert!(said[2].contains("2 lines were not imported, the first of them line 42"));
}

/// Statements that make Postgres refuse these rows, and a part of its message.
const REFUSALS_OF_POSTGRES: [(&str, &str); 5] = [
    (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF NEW.action_id IN ('000041', '000077') THEN RAISE 'not on a Sunday'; END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON turbobackend.project_actions FOR EACH ROW EXECUTE FUNCTION refuse()",
        "not on a Sunday (SQLSTATE P0001)",
    ),
    (
        "CREATE FUNCTION divide() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF NEW.action_id IN ('000041', '000077') THEN PERFORM nothing(); END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER refuse AFTER INSERT ON turbobackend.project_actions FOR EACH ROW EXECUTE FUNCTION divide()",
        "function nothing() does not exist",
    ),
    (
        "ALTER TABLE turbobackend.project_actions ADD CONSTRAINT no_such CHECK (action_id NOT IN ('000041', '000077'))",
        "violates check constraint \"no_such\"",
    ),
    (
        "CREATE TABLE details (text varchar PRIMARY KEY);
         INSERT INTO details SELECT 'deployed api:' || n FROM generate_series(0, 99) AS n WHERE n NOT IN (41, 77);
         ALTER TABLE turbobackend.project_actions
             ADD CONSTRAINT known FOREIGN KEY (action_details) REFERENCES details",
        "violates foreign key constraint \"known\"",
    ),
    (
        "CREATE INDEX ON turbobackend.project_actions ((1 / (action_id::int - 41)), (1 / (action_id::int - 77)), action_id)",
        "division by zero",
    ),
];

#[tokio::test]
async fn rows_that_postgres_refuses_in_whatever_way_are_named_and_the_others_arrive() {
    for (before, says) in REFUSALS_OF_POSTGRES {
        let database = TestDatabase::create().await;
        let place = Place::at(database.url());
        place.run(&["migrate"]).printed();
        database
            .connect()
            .await
            .batch_execute(before)
            .await
            .unwrap();
        refuses_two_of_a_hundred(&place, says);
    }
}

#[tokio::test]
async fn rows_that_row_level_security_refuses_are_named_and_the_others_arrive() {
    let database = TestDatabase::create().await;
    Place::at(database.url()).run(&["migrate"]).printed();
    let worker = database
        .create_role(
            "GRANT USAGE ON SCHEMA turbobackend TO {role}; GRANT INSERT ON turbobackend.project_actions TO {role}",
        )
        .await;
    let policy = "ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON turbobackend.project_actions FOR INSERT
            WITH CHECK (action_id NOT IN ('000041', '000077'));
        CREATE POLICY seen ON turbobackend.project_actions FOR SELECT USING (true)";
    database
        .connect()
        .await
        .batch_execute(policy)
        .await
        .unwrap();
    refuses_two_of_a_hundred(&Place::at(&worker), "row-level security policy");
}

#[tokio::test]
async fn rows_that_a_trigger_of_sqlite_refuses_are_named_and_the_others_arrive() {
    for how in ["ABORT", "FAIL", "ROLLBACK"] {
        let place = Place::sqlite();
        place.store().migrate().await.unwrap();
        let trigger = format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON project_actions WHEN NEW.action_id IN ('000041', '000077')
             BEGIN SELECT RAISE({how}, 'not on a Sunday'); END"
        );
        let connection = rusqlite::Connection::open(place.path().join("tracker.db")).unwrap();
        connection.execute_batch(&trigger).unwrap();
        refuses_two_of_a_hundred(&place, "not on a Sunday");
    }
}

#[tokio::test]
async fn a_store_that_takes_no_row_any_more_ends_the_import_at_once() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    place.run(&["migrate"]).printed();
    // The trigger refuses the first row, and the changed column makes the store refuse the whole
    // table.
    let vanish = "CREATE FUNCTION vanish() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE 'it is broken'; END $$;
        CREATE TRIGGER vanish BEFORE INSERT ON turbobackend.project_actions FOR EACH ROW EXECUTE FUNCTION vanish();
        ALTER TABLE turbobackend.project_actions ALTER COLUMN environment TYPE integer USING 0";
    database
        .connect()
        .await
        .batch_execute(vanish)
        .await
        .unwrap();
    let said = place
        .run_with(&["import", "--keep-going"], hundred().as_bytes())
        .failed(1);
    assert!(said.contains("environment is of type integer"), "{said}");
}

#[tokio::test]
async fn what_no_store_holds_is_imported_as_it_is_recorded() {
    for place in Place::of_each_kind().await {
        let input = concat!(
            r#"{"action_id":"a","action_details":"1\u00002","reference_ids":{"n\u0000":["\u0000"]}}"#,
            "\n",
            r#"{"action_id":"b\ud83d","action_details":"\ude80 \ud83d\ude80 \\u0000"}"#,
            "\n",
            r#"{"action_id":"c","user_id":"u"}"#,
        );
        let run = place.run_with(&["import"], input.as_bytes());
        assert_eq!(
            run.printed(),
            "imported 3 new activities; put U+FFFD for characters that no store holds into 2 lines\n"
        );
        let rows = place.run(&["export"]).activities();
        assert_eq!(rows[0].action_details.as_deref(), Some("1\u{FFFD}2"));
        let references = rows[0].reference_ids.to_json();
        assert_eq!(references, serde_json::json!({"n\u{FFFD}": ["\u{FFFD}"]}));
        assert_eq!(rows[1].action_id, "b\u{FFFD}");
        let details = rows[1].action_details.as_deref();
        assert_eq!(details, Some("\u{FFFD} \u{1F680} \\u0000"));
    }
}

#[tokio::test]
async fn marks_and_line_ends_of_other_systems_are_no_part_of_a_line() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    for (input, said) in [
        (&b""[..], "imported 0 new activities\n"),
        (b"\r\n\n  \n", "imported 0 new activities\n"),
        (b"\xEF\xBB\xBF", "imported 0 new activities\n"),
        (
            b"\xEF\xBB\xBF{\"action_id\":\"a\",\"user_id\":\"u\"}\r\n",
            "imported 1 new activity\n",
        ),
        (
            b"{\"action_id\":\"b\",\"user_id\":\"u\"}\r\n\r\n\xEF\xBB\xBF{\"action_id\":\"c\",\"user_id\":\"u\"}",
            "imported 2 new activities\n",
        ),
    ] {
        assert_eq!(place.run_with(&["import"], input).printed(), said);
    }
    assert_eq!(place.run(&["export"]).activities().len(), 3);
}

#[tokio::test]
async fn a_file_of_another_kind_is_named_and_none_of_it_is_imported() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let line = "{\"action_id\":\"a\",\"user_id\":\"u\"}\n";
    let utf16 = |mark: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{line}")
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    for (input, says) in [
        (utf16("\u{FEFF}", u16::to_le_bytes), "iconv -f UTF-16"),
        (utf16("\u{FEFF}", u16::to_be_bytes), "iconv -f UTF-16"),
        (utf16("", u16::to_le_bytes), "iconv -f UTF-16"),
        (utf16("", u16::to_be_bytes), "iconv -f UTF-16"),
        (b"\x1F\x8B\x08\0".to_vec(), "it is damaged"),
        (b"\x28\xB5\x2F\xFD\0".to_vec(), "it is damaged"),
        (b"BZh91AY".to_vec(), "`bzip2 -dc FILE | tracker import`"),
        (b"PK\x03\x04".to_vec(), "it is a zip archive"),
        (b"PGDMP\x01\x0e".to_vec(), "it is a dump of a Postgres"),
        (b"SQLite format 3\0".to_vec(), "it is an SQLite file"),
        (b"action_id;user_id\na;b\n".to_vec(), "semicolons"),
        (b"action_id,user\na,b\n".to_vec(), "unknown column `user`"),
    ] {
        let path = place.path().join("activities.jsonl");
        fs::write(&path, &input).unwrap();
        let path = path.to_str().unwrap();
        // An unreadable file is no series of bad lines to skip.
        let said = place.run(&["import", "--keep-going", path]).failed(1);
        assert!(said.contains(says), "{said}");
        assert!(said.starts_with("error: can't read the input\n"), "{said}");
    }
    let latin1 = b"{\"action_id\":\"caf\xE9\"}";
    let said = place.run_with(&["import"], latin1).failed(1);
    assert!(said.contains("line 1 can't be imported"), "{said}");
    assert!(said.contains("it is no UTF-8"), "{said}");
    assert_eq!(place.run(&["export"]).printed(), "");
}

#[tokio::test]
async fn an_array_and_what_is_compressed_are_imported_from_a_file_and_from_a_pipe() {
    for place in Place::of_each_kind().await {
        let rows: Vec<_> = (0..100).map(numbered).collect();
        let array = serde_json::to_string_pretty(&rows).unwrap();
        let first = place.run_with(&["import"], array.as_bytes()).printed();
        assert_eq!(first, "imported 100 new activities\n");
        let again = "imported 0 new activities; 100 were there already\n";
        for text in [array.as_bytes(), hundred().as_bytes()] {
            for packed in [
                gzipped(text),
                zstd_of(text),
                [gzipped(text), gzipped(b"\n")].concat(),
            ] {
                assert_eq!(place.run_with(&["import"], &packed).printed(), again);
                let path = place.path().join("packed");
                fs::write(&path, &packed).unwrap();
                assert_eq!(place.run(&["import", "packed"]).printed(), again);
            }
        }
        let twice = gzipped(&gzipped(b"{}"));
        let said = place.run_with(&["import"], &twice).failed(1);
        assert!(said.contains("compressed twice"), "{said}");
    }
}

#[tokio::test]
async fn a_bad_element_of_an_array_is_named_and_an_array_that_was_cut_off_too() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let [one, two] = [1, 2].map(|number| serde_json::to_string(&numbered(number)).unwrap());
    let input = format!("[{one},{{\"action_id\":\"x\"}},{two}]");
    let said = place.run_with(&["import"], input.as_bytes()).failed(1);
    assert!(
        said.starts_with("imported 1 new activity before it failed\n"),
        "{said}"
    );
    assert!(said.contains("element 2 can't be imported"), "{said}");
    assert!(said.contains("it has nothing but an action_id"), "{said}");
    let run = place.run_with(&["import", "--keep-going"], input.as_bytes());
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(
        run.stdout,
        "imported 1 new activity; 1 was there already; passed over 1 element\n"
    );
    let three = serde_json::to_string(&numbered(3)).unwrap();
    let input = format!("[{three},");
    let said = place
        .run_with(&["import", "--keep-going"], input.as_bytes())
        .failed(1);
    assert!(
        said.starts_with("imported 1 new activity before it failed\n"),
        "{said}"
    );
    assert!(said.contains("the array does not end"), "{said}");
}

#[tokio::test]
async fn what_is_exported_as_csv_is_imported_to_the_letter() {
    for place in Place::of_each_kind().await {
        let texts = [
            "=1",
            "'=1",
            "''=1",
            "'",
            "'a",
            "a,b\n\"c\" ✓",
            "-5",
            "日本",
            " x ",
        ];
        let rows = texts.iter().zip(0..).map(|(text, number)| {
            let mut row = numbered(number).details(*text).user_id(text);
            row.request_id = None;
            row
        });
        let mut rows: Vec<_> = rows.collect();
        rows[0].created_at = None;
        rows[1].reference_ids = serde_json::from_str(r#"{"n":[1.50,null]}"#).unwrap();
        rows[2] = serde_json::from_str(r#"{"action_id":"000002"}"#).unwrap();
        place.write(rows.clone()).await;
        for formulas in ["guarded", "raw"] {
            let csv = place
                .run(&["export", "--format", "csv", "--formulas", formulas])
                .printed();
            let [other, _] = Place::of_each_kind().await;
            let import = ["import", "--formulas", formulas];
            let said = other.run_with(&import, csv.as_bytes()).printed();
            assert_eq!(said, "imported 9 new activities\n");
            assert_eq!(other.run(&["export"]).activities(), rows);
        }
        let csv = "action_id,created_at\na,soon\nb,1\n";
        let run = place.run_with(&["import", "--keep-going"], csv.as_bytes());
        assert_eq!(run.code, Some(3), "{run:?}");
        assert!(
            run.stderr.starts_with("line 2: its created_at is no time"),
            "{run:?}"
        );
    }
}
