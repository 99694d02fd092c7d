::core::compile_error! {
    "unknown action `deploy`; did you mean `deployment`?\n\nknown actions: `project_created`, `database_created`, `endpoints_added`, `queries_executed`, `deployment`, `github_push`\n\nan action of your own is given by its path, as in `action = Billing::InvoiceSent`"
}
::core::compile_error! {
    "unknown argument `colour`\n\nknown arguments: `action`, `user`, `request`, `project`, `environment`, `details`, `references`, `client`, `tracker`, `crate`"
}
async fn deploy() {}
