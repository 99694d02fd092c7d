//! Pruning where some rows can't be removed: they are passed over, counted and named, and all others go.

use tracker_core::{PostgresStore, Store, store::Pruning};
use tracker_tests::{
    postgres::TestDatabase,
    pruning::{Outcome, left, numbered, prune},
};

/// Creates a store with `rows` rows, some of which are kept by the statements in `keeping`.
async fn store(database: &TestDatabase, rows: i64, keeping: &str) -> PostgresStore {
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    store
        .write((0..rows).map(numbered).collect())
        .await
        .unwrap();
    let client = database.connect().await;
    client.batch_execute(keeping).await.unwrap();
    store
}

fn kept(because: &str, rows: u64) -> Vec<(String, Option<u64>)> {
    vec![(because.to_owned(), Some(rows))]
}

#[tokio::test]
async fn rows_that_a_foreign_key_refers_to_stay_and_all_others_go() {
    for constraint in ["", "DEFERRABLE INITIALLY DEFERRED"] {
        let database = TestDatabase::create().await;
        let comments = format!(
            "CREATE TABLE comments (action_id VARCHAR CONSTRAINT of_activity REFERENCES turbobackend.project_actions {constraint});
            INSERT INTO comments VALUES ('000000'), ('000017'), ('000018'), ('000420'), ('000599'), ('000900')"
        );
        let store = store(&database, 1_000, &comments).await;
        let obstacles = store.prune_obstacles().await.unwrap();
        let named = "the foreign key of_activity of the table public.comments";
        assert_eq!(obstacles, [named]);
        let outcome = prune(&store, Pruning::before(600).limit(50)).await;
        assert_eq!(outcome.removed, 595);
        assert_eq!(outcome.kept, kept(named, 5));
        let left = left(&store).await;
        assert_eq!(left.len(), 405);
        assert_eq!(
            left[..6],
            ["000000", "000017", "000018", "000420", "000599", "000600"]
        );
        // The next run has the same result.
        let again = prune(&store, Pruning::before(600).limit(50)).await;
        assert_eq!((again.removed, again.kept), (0, kept(named, 5)));
    }
}

#[tokio::test]
async fn more_rows_that_stay_than_a_batch_has_hold_up_none_behind_them() {
    let database = TestDatabase::create().await;
    // The rows are kept by two tables, and are consecutive.
    let comments = "CREATE TABLE a (action_id VARCHAR REFERENCES turbobackend.project_actions);
        CREATE TABLE b (action_id VARCHAR REFERENCES turbobackend.project_actions ON DELETE RESTRICT);
        INSERT INTO a SELECT lpad(n::text, 6, '0') FROM generate_series(0, 299) AS n;
        INSERT INTO b SELECT lpad(n::text, 6, '0') FROM generate_series(300, 349) AS n";
    let store = store(&database, 500, comments).await;
    let outcome = prune(&store, Pruning::before(i64::MAX).limit(20)).await;
    assert_eq!(outcome.removed, 150);
    let (a, b) = (
        "the foreign key a_action_id_fkey of the table public.a",
        "the foreign key b_action_id_fkey of the table public.b",
    );
    let both = [kept(a, 300), kept(b, 50)].concat();
    assert_eq!(outcome.kept, both);
    assert_eq!(left(&store).await.len(), 350);
}

#[tokio::test]
async fn rows_that_a_foreign_key_lets_go_with_what_refers_to_them_go() {
    let database = TestDatabase::create().await;
    let comments = "CREATE TABLE comments (action_id VARCHAR REFERENCES turbobackend.project_actions ON DELETE CASCADE);
        INSERT INTO comments VALUES ('000003')";
    let store = store(&database, 10, comments).await;
    assert_eq!(store.prune_obstacles().await.unwrap(), [""; 0]);
    let outcome = prune(&store, Pruning::before(5)).await;
    assert_eq!((outcome.removed, outcome.kept), (5, vec![]));
}

#[tokio::test]
async fn rows_that_a_trigger_or_a_rule_keeps_stay_with_its_name() {
    let trigger = |body: &str| {
        format!(
            "CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN OLD; END $$;
            CREATE TRIGGER legal_hold BEFORE DELETE ON turbobackend.project_actions FOR EACH ROW WHEN (OLD.created_at % 7 = 3) EXECUTE FUNCTION held()"
        )
    };
    for (keeping, because) in [
        (
            trigger("RAISE EXCEPTION 'it is held'"),
            "the trigger legal_hold: it is held (SQLSTATE P0001)",
        ),
        (
            trigger("RAISE EXCEPTION 'row % is held', OLD.action_id USING ERRCODE = 'HELD1'"),
            "the trigger legal_hold: row 000003 is held (SQLSTATE HELD1)",
        ),
        (
            trigger("RETURN NULL"),
            "the trigger legal_hold: they were passed over",
        ),
        (
            "CREATE RULE legal_hold AS ON DELETE TO turbobackend.project_actions WHERE OLD.created_at % 7 = 3 DO INSTEAD NOTHING".to_owned(),
            "the rule legal_hold: they were passed over",
        ),
    ] {
        let database = TestDatabase::create().await;
        let store = store(&database, 70, &keeping).await;
        let outcome = prune(&store, Pruning::before(i64::MAX).limit(100)).await;
        let expected = Outcome {
            removed: 60,
            kept: kept(because, 10),
            batches: 1,
        };
        assert_eq!(outcome, expected);
        let left = left(&store).await;
        assert_eq!(left.len(), 10);
        assert_eq!(left[..2], ["000003", "000010"]);
    }
}

#[tokio::test]
async fn a_server_that_takes_no_delete_at_all_is_an_error_and_no_row_that_stays() {
    let database = TestDatabase::create().await;
    let trigger = "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM missing(); RETURN OLD; END';
        CREATE TRIGGER broken BEFORE DELETE ON turbobackend.project_actions FOR EACH ROW EXECUTE FUNCTION broken()";
    let store = store(&database, 10, trigger).await;
    let error = store.prune(Pruning::before(5)).await.unwrap_err();
    assert!(
        tracker_tests::errors::all_text(&error).contains("missing()"),
        "{error:?}"
    );
}

#[tokio::test]
async fn rows_that_policies_hide_or_keep_are_told_of_and_those_of_no_policy_are_not() {
    let database = TestDatabase::create().await;
    let table = "turbobackend.project_actions";
    let owner = store(
        &database,
        100,
        &format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
    )
    .await;
    let grants = format!(
        "GRANT USAGE ON SCHEMA turbobackend TO {{role}}; GRANT SELECT, DELETE ON {table} TO {{role}}"
    );
    let pruner = PostgresStore::new(database.create_role(&grants).await).unwrap();
    let client = database.connect().await;
    // No policy is for this role, so it sees nothing.
    let hidden = prune(&pruner, Pruning::before(50)).await;
    assert_eq!(hidden.removed, 0);
    let [(because, None)] = &hidden.kept[..] else {
        panic!("{hidden:?}")
    };
    assert!(
        because.starts_with("row-level security, which hides rows"),
        "{because}"
    );
    // The role now sees all rows, and may delete some.
    let policies = format!(
        "CREATE POLICY see ON {table} FOR SELECT USING (true); CREATE POLICY remove ON {table} FOR DELETE USING (created_at % 2 = 0)"
    );
    client.batch_execute(&policies).await.unwrap();
    let partly = prune(&pruner, Pruning::before(50).limit(7)).await;
    assert_eq!(partly.removed, 25);
    assert_eq!(
        partly.kept[0],
        (
            "row-level security: they were passed over".to_owned(),
            Some(25)
        )
    );
    // A policy that lets the role see and delete everything hides nothing.
    let all = format!("CREATE POLICY everything ON {table} USING (true)");
    client.batch_execute(&all).await.unwrap();
    let rest = prune(&pruner, Pruning::before(50)).await;
    assert_eq!((rest.removed, rest.kept), (25, vec![]));
    let owners = prune(&owner, Pruning::before(60)).await;
    assert_eq!((owners.removed, owners.kept), (10, vec![]));
}
