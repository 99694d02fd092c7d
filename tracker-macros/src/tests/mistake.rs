::core::compile_error! {
    "unknown argument `colour`\n\nknown arguments: `action`, `actions`, `user`, `request`, `project`, `environment`, `details`, `error_details`, `references`, `record`, `client`, `required`, `or_journal`, `durable`, `tracker`, `crate`"
}
::core::compile_error! {
    "unknown action `deploy`; did you mean `deployment`?\n\nknown actions: `project_created`, `database_created`, `endpoints_added`, `queries_executed`, `deployment`, `github_push`\n\nan action of your own is given by its path, as in `action = Billing::InvoiceSent`, or by its set and name, as in `actions = Billing, action = \"invoice_sent\"`"
}
#[allow(unused_variables)]
async fn deploy() {}
