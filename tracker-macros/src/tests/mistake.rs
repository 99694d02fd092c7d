::core::compile_error! {
    "unknown argument `colour`\n\nknown arguments: `action`, `actions`, `user`, `request`, `project`, `environment`, `details`, `error_details`, `references`, `record`, `client`, `tracker`, `crate`"
}
async fn deploy() {}
