//! What people and programs are shown: the API, its streams, the page in a browser, and all of it
//! behind web proxies.

mod api;
mod browser;
mod browsers;
mod component_docs;
mod proxies;
mod streams;
mod texts;
