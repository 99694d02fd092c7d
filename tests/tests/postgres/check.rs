//! `check` and `notes`, which find obstacles that refuse or hide activities in a real Postgres.

use tokio_postgres::Client;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError,
    store::{Batch, Pruning},
    timeline::{Counting, Filter, Query, UtcOffsets},
};
use tracker_tests::{
    errors::all_text,
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
};
use url::Url;

const ALL_GRANTS: &str = "GRANT USAGE ON SCHEMA turbobackend TO {role};
    GRANT SELECT, INSERT, DELETE ON turbobackend.project_actions TO {role};";

async fn migrated(statements: &str) -> (TestDatabase, Client) {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let activity = Activity::new(ActionType::Deployment).project_id("p");
    store.write(vec![activity].into()).await.unwrap();
    let client = database.connect().await;
    client.batch_execute(statements).await.unwrap();
    (database, client)
}

async fn notes(url: &str) -> Vec<String> {
    PostgresStore::new(url).unwrap().notes().await.unwrap()
}

#[tokio::test]
async fn a_table_of_the_migrations_alone_has_nothing_to_be_noted() {
    let (database, _client) = migrated("").await;
    assert_eq!(notes(database.url()).await, Vec::<String>::new());
    let empty = TestDatabase::create().await;
    assert_eq!(notes(empty.url()).await, Vec::<String>::new());
}

#[tokio::test]
async fn whatever_may_refuse_activities_is_named() {
    let (database, _client) = migrated(
        "CREATE TABLE turbobackend.projects (project_id VARCHAR PRIMARY KEY);
        INSERT INTO turbobackend.projects VALUES ('p');
        ALTER TABLE turbobackend.project_actions
            ADD CONSTRAINT of_a_project FOREIGN KEY (project_id) REFERENCES turbobackend.projects,
            ADD CONSTRAINT is_named CHECK (action_type <> ''),
            ALTER COLUMN project_id SET NOT NULL;
        CREATE FUNCTION turbobackend.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER audit AFTER INSERT ON turbobackend.project_actions
            FOR EACH ROW EXECUTE FUNCTION turbobackend.nothing();
        CREATE TRIGGER of_changes AFTER UPDATE ON turbobackend.project_actions
            FOR EACH ROW EXECUTE FUNCTION turbobackend.nothing();
        CREATE TRIGGER is_off AFTER INSERT ON turbobackend.project_actions
            FOR EACH ROW EXECUTE FUNCTION turbobackend.nothing();
        ALTER TABLE turbobackend.project_actions DISABLE TRIGGER is_off;
        CREATE RULE elsewhere AS ON INSERT TO turbobackend.project_actions
            WHERE NEW.status = 'x' DO INSTEAD NOTHING;",
    )
    .await;
    PostgresStore::new(database.url())
        .unwrap()
        .check()
        .await
        .unwrap();
    let notes = notes(database.url()).await;
    let named = [
        "the column project_id must have a value",
        "the foreign key of_a_project, FOREIGN KEY (project_id) REFERENCES turbobackend.projects(project_id)",
        "the constraint is_named",
        "the trigger audit",
        "the rule elsewhere",
    ];
    assert_eq!(notes.len(), named.len(), "{notes:?}");
    for (note, named) in notes.iter().zip(named) {
        assert!(note.starts_with(named), "{note}");
    }
    // A role that may only write gets the same notes.
    let worker = database.create_role(ALL_GRANTS).await;
    assert_eq!(self::notes(&worker).await, notes);
}

#[tokio::test]
async fn a_column_of_a_domain_that_must_have_a_value_is_another_shape() {
    let (database, client) = migrated("").await;
    let store = PostgresStore::new(database.url()).unwrap();
    client
        .batch_execute(
            "CREATE DOMAIN turbobackend.with_default AS INTEGER NOT NULL DEFAULT 1;
            ALTER TABLE turbobackend.project_actions ADD region turbobackend.with_default",
        )
        .await
        .unwrap();
    store.check().await.unwrap();
    client
        .batch_execute(
            "TRUNCATE turbobackend.project_actions;
            CREATE DOMAIN turbobackend.tenant AS INTEGER NOT NULL;
            ALTER TABLE turbobackend.project_actions ADD tenant turbobackend.tenant",
        )
        .await
        .unwrap();
    // A COPY stores NULL there all the same, as of Postgres 15 and 18. An INSERT does not.
    let batch = Batch::from(vec![Activity::new(ActionType::Deployment)]);
    for error in [
        store.check().await.unwrap_err(),
        store.write(batch.retry()).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Shape { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains("the column tenant must have a value"),
            "{text}"
        );
    }
}

#[track_caller]
fn assert_denied<T: std::fmt::Debug>(outcome: Result<T, StoreError>, words: &str) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    let text = all_text(&error);
    assert!(text.contains(words), "{text}");
}

/// Asserts that each read of a role fails, because its result would look like that of an empty
/// table.
async fn assert_hidden(url: &str) {
    let store = PostgresStore::new(url).unwrap();
    let words = "row-level security hides every activity from this role";
    assert_denied(store.timeline(Query::project("p")).await, words);
    assert_denied(store.activity("p", "x").await, words);
    assert_denied(store.count(Filter::project("p")).await, words);
    assert_denied(
        store
            .counts(Counting::by_day(
                Filter::project("p"),
                UtcOffsets::default(),
            ))
            .await,
        words,
    );
    assert_denied(store.scan(None, 10).await, words);
    assert_denied(store.count_before(i64::MAX).await, words);
    let pruned = store
        .prune(Pruning::before(i64::MAX).limit(10))
        .await
        .unwrap();
    assert_eq!(pruned.removed, 0);
    let because = &pruned.kept[0].because;
    assert!(because.starts_with("row-level security"), "{because}");
}

async fn assert_seen(url: &str) {
    let store = PostgresStore::new(url).unwrap();
    assert_eq!(store.scan(None, 10).await.unwrap().len(), 1);
    let none = store.timeline(Query::project("another")).await.unwrap();
    assert!(none.activities.is_empty());
}

#[tokio::test]
async fn row_level_security_without_a_policy_is_told_and_not_taken_for_an_empty_table() {
    let (database, client) =
        migrated("ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY").await;
    let console = database.create_role(ALL_GRANTS).await;
    let store = PostgresStore::new(&console).unwrap();
    let refused = "row-level security refuses every activity of this role";
    assert_hidden(&console).await;
    assert_denied(store.check().await, refused);
    let activity = Activity::new(ActionType::Deployment).project_id("p");
    let batch = Batch::from(vec![activity]);
    for batch in [batch.clone(), batch.retry()] {
        assert_denied(store.write(batch).await, refused);
    }

    // Owners are exempt, and so are roles with BYPASSRLS, such as superusers.
    assert_seen(database.url()).await;
    let exempt = database
        .create_role(&format!("{ALL_GRANTS} ALTER ROLE {{role}} BYPASSRLS"))
        .await;
    assert_seen(&exempt).await;
    let owner = database
        .create_role(&format!(
            "{ALL_GRANTS} ALTER TABLE turbobackend.project_actions OWNER TO {{role}}"
        ))
        .await;
    assert_seen(&owner).await;
    PostgresStore::new(&owner).unwrap().check().await.unwrap();
    client
        .batch_execute("ALTER TABLE turbobackend.project_actions FORCE ROW LEVEL SECURITY")
        .await
        .unwrap();
    assert_hidden(&owner).await;
    assert_denied(PostgresStore::new(&owner).unwrap().check().await, refused);
}

#[tokio::test]
async fn a_policy_for_the_role_its_group_or_everybody_opens_the_table_and_is_noted() {
    for to in ["PUBLIC", "{role}", "pg_monitor"] {
        let (database, client) =
            migrated("ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY").await;
        // A policy for other roles, and one that only restricts, grant no access.
        client
            .batch_execute(
                "CREATE POLICY narrow ON turbobackend.project_actions AS RESTRICTIVE USING (true);
                CREATE POLICY others ON turbobackend.project_actions TO pg_signal_backend USING (true)",
            )
            .await
            .unwrap();
        let console = database
            .create_role(&format!("{ALL_GRANTS} GRANT pg_monitor TO {{role}}"))
            .await;
        assert_hidden(&console).await;
        let role = Url::parse(&console).unwrap().username().to_owned();
        let to = to.replace("{role}", &role);
        client
            .batch_execute(&format!(
                "CREATE POLICY opening ON turbobackend.project_actions TO {to} USING (true)"
            ))
            .await
            .unwrap();
        assert_seen(&console).await;
        PostgresStore::new(&console).unwrap().check().await.unwrap();
        let notes = notes(&console).await;
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("narrow, opening, others"), "{notes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_encoding_of_a_database_is_noted_where_it_is_not_utf8() {
    let server = tokio::task::block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let client = server.connect().await;
    for (encoding, words) in [
        (
            "LATIN1",
            "encoding is LATIN1: a question mark stands for each character",
        ),
        (
            "SQL_ASCII",
            "encoding is SQL_ASCII: it keeps any text as it is written",
        ),
    ] {
        let name = encoding.to_lowercase();
        client
            .batch_execute(&format!(
                "CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
            ))
            .await
            .unwrap();
        let mut url = Url::parse(&server.url()).unwrap();
        url.set_path(&name);
        let store = PostgresStore::new(url).unwrap();
        store.migrate().await.unwrap();
        store.check().await.unwrap();
        let notes = store.notes().await.unwrap();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains(words), "{notes:?}");
    }
}

#[tokio::test]
async fn a_server_without_a_free_connection_is_reached_and_says_what_to_do() {
    let database = TestDatabase::create().await;
    let grants = "ALTER ROLE {role} CONNECTION LIMIT 0";
    let store = PostgresStore::new(database.create_role(grants).await).unwrap();
    let error = store.check().await.unwrap_err();
    assert!(matches!(error, StoreError::Exhausted { .. }), "{error:?}");
    let text = all_text(&error);
    assert!(
        text.contains("all its connections are taken: raise"),
        "{text}"
    );
    assert!(text.contains("SQLSTATE 53300"), "{text}");
    assert!(!text.contains("can't reach"), "{text}");
}
