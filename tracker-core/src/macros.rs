//! The macros, with their documentation: here it can link to what it speaks of.

/// Records one activity for each successful call of an async function.
///
/// ```
/// # mod fly {
/// # pub struct Error;
/// # #[derive(tracker_core::ReferenceIds)]
/// # pub struct Deployment { #[reference(rename = "deployment_id")] pub id: String, pub url: String }
/// # pub async fn deploy(_: &str) -> Result<Deployment, Error> { Err(Error) }
/// # }
/// use tracker_core::tracked;
///
/// #[tracked(action = "deployment", details = "deployed {image} to {output.url}")]
/// async fn deploy(user_id: &str, project_id: &str, image: &str) -> Result<fly::Deployment, fly::Error> {
///     fly::deploy(image).await
/// }
/// ```
///
/// The function does what it did: its body is awaited in place, its result returned as it is, and
/// nothing that goes wrong with recording reaches the caller. A call succeeds when it returns `Ok`, of any `Result`
/// under any name, or a value of another type.
///
/// # Arguments
///
/// | argument | what it sets | default |
/// | --- | --- | --- |
/// | `action = "…"` | the action type: the name of a [built-in one](crate::ActionType), checked at compile time, or a path to a variant of any [`ActionSet`](crate::ActionSet) | required |
/// | `user = expr` | `user_id` | the parameter `user_id`, else the ambient [`Context`](crate::Context) |
/// | `request = expr` | `request_id` | the parameter `request_id`, else the context |
/// | `project = expr` | `project_id` | the parameter `project_id`, else the context |
/// | `environment = expr` | `environment` | the parameter `environment`, else the context, else the tracker's |
/// | `details = "…"` | the line for a person; see below | none |
/// | `references(…)` | reference IDs, beside those that the returned type [declares](macro@crate::ReferenceIds); see below | none |
/// | `client = expr` | the caller's connection or transaction to record on: any [`Client`](crate::Client) | the tracker's store |
/// | `tracker = expr` | the tracker to record with | the scope's, else the installed one |
/// | `crate = path` | where this crate is, if it is renamed or re-exported | `::tracker_core` |
///
/// A value is anything that implements `Display`, or an `Option` of it; `None` leaves the field to the next
/// source. An empty text is recorded as `NULL` and is not replaced.
///
/// # Details
///
/// `{name}` is a parameter, `{output}` the success value (that of `Ok`), and both reach fields: `{output.url}`,
/// `{self.region}`. Format specifications work (`{size:.1}`, `{output:?}`), and `{{` is a brace. Other expressions go behind
/// the text: `details("{} files to {}", output.files.len(), output.url)`. Nothing is recorded but what is named.
///
/// # References
///
/// `references(deployment_id = output.id)` adds an ID under that name. `references(output)` demands that the returned type
/// declares its reference IDs, which are added in any case if it does.
///
/// # When values are read
///
/// What belongs to a parameter that is a shared reference, or a number, `bool` or `char`, is read after the body, if the call
/// succeeds. What belongs to another one is formatted before the body, which may move or change it; so is any
/// expression that calls something without naming `output`. `client` must be reachable after the body: through a shared
/// reference, or a parameter that is a `&mut` reference.
///
/// # Expansion
///
/// The function above becomes, in essence:
///
/// ```
/// # mod fly {
/// # pub struct Error;
/// # #[derive(tracker_core::ReferenceIds)]
/// # pub struct Deployment { #[reference(rename = "deployment_id")] pub id: String, pub url: String }
/// # pub async fn deploy(_: &str) -> Result<Deployment, Error> { Err(Error) }
/// # }
/// # use tracker_core::{ActionType, Activity, HasReferenceIds, Tracker};
/// async fn deploy(user_id: &str, project_id: &str, image: &str) -> Result<fly::Deployment, fly::Error> {
///     let result = async move {
///         fly::deploy(image).await
///     }
///     .await;
///     if let (Ok(output), Some(tracker)) = (&result, Tracker::current()) {
///         let mut activity = Activity::new(ActionType::Deployment)
///             .user_id(user_id)
///             .project_id(project_id)
///             .details(format!("deployed {} to {}", image, output.url));
///         output.add_reference_ids(&mut activity.reference_ids);
///         tracker.record(activity);
///     }
///     result
/// }
/// ```
pub use tracker_macros::tracked;

/// Implements [`HasReferenceIds`](crate::HasReferenceIds) for a struct: declares which of its fields are the IDs of records that came of
/// the work it is the result of.
///
/// `#[reference]` marks such a field; its name is the reference's, or that of `#[reference(rename = "…")]`, which
/// a field of a tuple struct needs. A field is anything that implements `Display`, or an `Option` of it, which adds
/// nothing when it is `None`. `#[reference(crate = path)]` on the struct says where `tracker_core` is, if it is
/// renamed or re-exported.
///
/// ```
/// use tracker_core::ReferenceIds;
///
/// #[derive(ReferenceIds)]
/// struct Push {
///     #[reference]
///     github_push_id: u64,
///     #[reference(rename = "pull_request_id")]
///     pull_request: Option<u64>,
///     files: usize,
/// }
/// # let _ = Push { github_push_id: 1, pull_request: None, files: 0 }.files;
/// ```
pub use tracker_macros::ReferenceIds;

/// Implements [`ActionSet`](trait@crate::ActionSet) for an enum of variants without fields: declares a team's own action types.
///
/// ```
/// use tracker_core::{ActionSet, tracked};
///
/// #[derive(ActionSet)]
/// enum Billing {
///     InvoiceSent,
///     #[action(rename = "payment_received", label = "Payment came in")]
///     PaidByCustomer,
/// }
///
/// #[tracked(action = Billing::InvoiceSent)]
/// async fn send_invoice(user_id: &str, project_id: &str) {}
///
/// assert_eq!(Billing::InvoiceSent.name(), "invoice_sent");
/// assert_eq!(Billing::InvoiceSent.label(), "Invoice sent");
/// assert_eq!(Billing::PaidByCustomer.name(), "payment_received");
/// ```
///
/// # Arguments
///
/// | argument | on | what it sets | default |
/// | --- | --- | --- | --- |
/// | `rename_all = "…"` | the enum | the case of the names: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case` or `SCREAMING-KEBAB-CASE` | `snake_case` |
/// | `crate = path` | the enum | where this crate is, if it is renamed or re-exported | `::tracker_core` |
/// | `rename = "…"` | a variant | the name that is stored | the variant's, in that case |
/// | `label = "…"` | a variant | what the timeline shows | the name in words |
///
/// A name has at least one and at most [255](crate::limits::ID_CHARS_MAX) characters and is in the set's case, and no two
/// variants share one; anything else is an error at compile time.
pub use tracker_macros::ActionSet;
