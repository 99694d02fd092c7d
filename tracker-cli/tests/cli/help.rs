//! The help texts.

use expect_test::expect;

use crate::support::{Place, Run};

const COMMANDS: [&[&str]; 24] = [
    &["journal"],
    &["journal", "status"],
    &["journal", "replay"],
    &["journal", "dead-letters"],
    &["journal", "check"],
    &["migrate"],
    &["serve"],
    &["projects"],
    &["list"],
    &["tail"],
    &["export"],
    &["import"],
    &["prune"],
    &["partitions"],
    &["partitions", "list"],
    &["partitions", "ensure"],
    &["nats"],
    &["nats", "setup"],
    &["nats", "dead-letters"],
    &["relay"],
    &["viewer-link"],
    &["actions"],
    &["completions"],
    &["man"],
];

#[test]
fn the_help_tells_what_there_is() {
    let help = Place::sqlite().run(&["--help"]).printed();
    // The trim keeps the snapshot free of trailing blanks, which some editors remove.
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    expect![[r#"
        Who did what: reads, follows, keeps and serves the activities that tracker-core records

        Usage: tracker [OPTIONS] <COMMAND>

        Commands:
          migrate      Makes the table, or brings it up to date; keeps every row
          serve        Serves the API and the timeline
          projects     Lists the projects that have activities, with what was done last
          list         Lists what was done in a project or in all, the newest first
          tail         Shows what was done last in a project, the oldest first, and what is being done
          export       Writes activities to a file or to stdout
          import       Writes exported activities, or the rows of another log, into the store
          prune        Removes what is older than a time, of all projects
          partitions   Looks after the partitions of a Postgres table
          journal      Looks after the journals of this machine's workers
          nats         Looks after the NATS streams that bring activities from the workers to the store
          relay        Brings activities from a NATS stream to the store
          viewer-link  Makes a link that shows a part of a project to whoever has it
          actions      Lists the built-in action types, with their labels
          completions  Prints what a shell needs to complete the command line
          man          Prints the manual page of tracker, or of one of its commands
          help         Print this message or the help of the given subcommand(s)

        Options:
          -h, --help
                  Print help (see a summary with '-h')

          -V, --version
                  Print version

        Global options:
              --store <STORE>
                  The store: an SQLite file, or postgres://USER@HOST/DATABASE [default: tracker.db]

                  A password is better kept in the environment or in the configuration file: others can see
                  the command lines of a machine.

                  [env: TRACKER_STORE]

              --schema <NAME>
                  The Postgres schema of the table [default: turbobackend]

                  [env: TRACKER_SCHEMA]

              --config <FILE>
                  The configuration file [default: ./tracker.toml, if it is there]

                  [env: TRACKER_CONFIG]

          -v, --verbose...
                  Logs more on stderr: -v what happens, -vv how, -vvv everything

        Examples:
          tracker migrate                                    make the table, or bring it up to date
          tracker projects                                   the projects that have activities
          tracker list --project project_7                   what was done last
          tracker tail --project project_7 --follow          what is being done now
          tracker export -o activities.jsonl                 everything, to be imported elsewhere
          tracker prune --older-than 90d --dry-run           how much is older than 90 days

        The store is an SQLite file (tracker.db) or a Postgres (postgres://user@host/database). The store,
        the schema, and the options of serve and of prune can be in the configuration file, under their long
        names:

          store = "postgres://tracker@db.example.org/app"

          [serve]
          listen = "0.0.0.0:8080"

        A flag wins over the environment, and that over the file.
        Exit codes: 0 done; 1 failed, or a question was not answered with yes; 2 called with something that
        can't be meant; 3 done in part, and what was left out is told.
    "#]]
    .assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn each_command_has_examples_and_a_short_help_without() {
    let place = Place::sqlite();
    for command in COMMANDS {
        let long = place.run(&[command, &["--help"]].concat()).printed();
        assert!(long.contains("\nExamples:\n  tracker "), "{long}");
        assert!(!long.contains(place.url()), "{long}");
        let short = place.run(&[command, &["-h"]].concat()).printed();
        assert!(!short.contains("Examples"), "{short}");
        assert!(short.len() < long.len());
    }
}

#[test]
fn without_a_command_it_shows_the_help_and_fails() {
    let help = Place::sqlite().run(&[]).failed(2);
    assert!(help.contains("Usage: tracker"), "{help}");
}

#[test]
fn the_built_in_action_types_are_listed_with_their_labels() {
    let actions = Place::sqlite().run(&["actions"]).printed();
    expect![[r"
        project_created   Project created
        database_created  Database created
        endpoints_added   Endpoints added
        queries_executed  Queries executed
        deployment        Deployment
        github_push       GitHub push
    "]]
    .assert_eq(&actions);
    let json = Place::sqlite().run(&["actions", "--json"]).printed();
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(first["label"], "Project created");
}

#[test]
fn completions_and_the_manual_page_know_every_command() {
    let place = Place::sqlite();
    let outputs = [
        place.run(&["man"]).printed(),
        place.run(&["completions", "bash"]).printed(),
        place.run(&["completions", "zsh"]).printed(),
        place.run(&["completions", "fish"]).printed(),
    ];
    for output in outputs {
        // The manual page has its hyphens escaped.
        let output = output.replace("\\-", "-");
        for command in COMMANDS {
            assert!(output.contains(command[0]), "{command:?}: {output}");
        }
    }
    let page = place.run(&["man", "list"]).printed();
    assert!(page.contains("tracker\\-list"), "{page}");
    assert!(page.contains("Examples:"), "{page}");
    place.run(&["man", "lsit"]).failed(2);
}

#[test]
fn a_manual_page_has_the_date_of_its_release_or_of_its_package() {
    let place = Place::sqlite();
    let title = |page: String| {
        let line = page.lines().find(|line| line.starts_with(".TH"));
        line.unwrap().to_owned()
    };
    for command in [
        &["man"][..],
        &["man", "list"],
        &["man", "journal", "replay"],
    ] {
        let released = title(place.run(command).printed());
        assert!(released.contains(" 2026-"), "{released}");
        let mut packaged = place.command(command);
        packaged.env("SOURCE_DATE_EPOCH", "1000000000");
        let packaged: Run = packaged.output().unwrap().into();
        let packaged = title(packaged.printed());
        assert!(packaged.contains(" 2001-09-09 "), "{packaged}");
    }
    let mut wrong = place.command(&["man"]);
    wrong.env("SOURCE_DATE_EPOCH", "today");
    let wrong: Run = wrong.output().unwrap().into();
    assert!(wrong.failed(2).contains("SOURCE_DATE_EPOCH"));
}
