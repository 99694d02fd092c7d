//! The macros, with their documentation: here it can link to what it speaks of.

/// Records one activity for each successful call of a function.
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
/// The function does what it did: its body runs in place, its result is returned as it is, and
/// nothing that goes wrong with recording reaches the caller. A call succeeds when it returns `Ok`, of any `Result`
/// under any name, or a value of another type: a `None` is a value like any other, and so is a `Result` that a generic function returns as its `T`.
///
/// The attribute goes on functions and methods, `async` or not, `unsafe` and `extern` too. A synchronous body runs in a closure; with
/// `#[track_caller]` it runs in place instead, and must not return early.
///
/// A function that returns a future is recorded when that has run. It may end in an async block, be it as `#[async_trait]`
/// writes them, `Box::pin(async move { … })`. Or its type is spelled as a boxed future, `Pin<Box<dyn Future<…>>>`, `BoxFuture` or
/// `LocalBoxFuture`: the body may come by it in any way, and it is awaited in a box of its own. An `impl Future` or a type
/// under another name that comes from elsewhere is refused, and so is the handle of a task.
///
/// The future has every auto trait that the plain one has: `Send`, `Sync`, `UnwindSafe`, `RefUnwindSafe`. With `durable` or
/// `client` it keeps the returned value while it records, so that has to have them too.
///
/// The closure that a function returns as `impl Fn(…)` names the types of its parameters, which the attribute keeps the compiler from finding in the
/// signature.
///
/// # Arguments
///
/// | argument | what it sets | default |
/// | --- | --- | --- |
/// | `action = "…"` | the action type: the name of a [built-in one](crate::ActionType), checked at compile time, or a path to a variant of any [`ActionSet`](crate::ActionSet) | required |
/// | `actions = Set` | the [`ActionSet`](macro@crate::ActionSet) that the name given as `action = "…"` is of, checked at compile time too | the built-in one |
/// | `user = expr` | `user_id` | the parameter `user_id`, else the ambient [`Context`](crate::Context) |
/// | `request = expr` | `request_id` | the parameter `request_id`, else the context |
/// | `project = expr` | `project_id` | the parameter `project_id`, else the context |
/// | `environment = expr` | `environment` | the parameter `environment`, else the context, else the tracker's |
/// | `details = "…"` | the line for a person; see below | none |
/// | `record = "always"` | record failures, panics and cancellations as well; see below | `"success"` |
/// | `error_details = "…"` or `error_details("…", …)` | the line for a person of a failure, in which `{error}` is the value of `Err`, its `Display` without its sources | none |
/// | `references(…)` | reference IDs, beside those that the returned type [declares](macro@crate::ReferenceIds); see below | none |
/// | `client = expr` | the caller's connection or transaction to record on: any [`Client`](crate::Client) | the tracker's store |
/// | `required` | the function fails where the activity can't be written on that client: it returns the [`RecordError`](crate::RecordError), made its own error by `From` | logged and counted |
/// | `or_journal` | an activity that the client does not take goes through the tracker's [journal](crate::journal), or its queue where it has none | logged and counted |
/// | `durable` | wait until the activity is in the [journal](crate::journal), or lost, or the tracker's `durable_wait` is over, as [`record_durable`](crate::Tracker::record_durable) does; for functions that can await | not waited for |
/// | `tracker = expr` | the [`Tracker`](crate::Tracker) to record with | the scope's, else the installed one |
/// | `crate = path` | where this crate is, if it is renamed or re-exported | `::tracker_core` |
///
/// A value is an expression that implements `Display`, or an `Option` of it; `None` leaves the field to the next
/// source, a parameter before the context. An empty text is recorded as `NULL` and is not replaced. Only `client` may await.
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
/// # Outcomes
///
/// With `record = "always"` each call is recorded exactly once: as `success` or `failure` by what it returned, as `panicked` when it panicked, which
/// goes on, or as `cancelled` when its future was dropped after it had begun and before it completed. All but a success go through the
/// tracker, even where there is a `client`: what they tell of is rolled back there. Details that name `output` are those of successes:
/// what else ends such a call has none, but a failure with `error_details`. What a panic said is not recorded.
///
/// # When values are read
///
/// What belongs to a parameter that is a shared reference, or a number, `bool` or `char`, is read after the body, if the call
/// succeeds. **What belongs to another parameter is read before the body**, which may move or change it: `{self.count}` of a `&mut self` is the value before
/// the call. So is any expression that calls something without naming `output`, and with `record = "always"` everything that does not name it.
///
/// # On the caller's client
///
/// `client` is what a reference leads to, and the attribute takes the reference:
///
/// | the function has | it names |
/// | --- | --- |
/// | `tx: &Transaction<'_>` or `tx: &mut Transaction<'_>`, of any driver that [`Client`](crate::Client) lists | `client = tx` |
/// | `&self` or `&mut self` with a field | `client = self.tx` |
/// | a pool | `client = self.pool.get().await.unwrap()` |
/// | a guard, or another pointer | `client = *self.tx.lock().await` |
/// | a reference of its own making | `client = &mut *tx` |
///
/// The body can use a `&mut` parameter as it likes, and leaves it for recording when it ends. A client that the function owns is the body's, which may have moved it; take it
/// by reference. So is `self` in what `#[async_trait]` makes, and in the block that `#[instrument]` makes above this attribute: there the client is a parameter of its own. The client is awaited, and the returned value is kept meanwhile, so it must be `Send` for the future to be. A transaction that begins
/// inside the function is recorded in there:
///
/// ```
/// # use tracker_core::{ActionType, Activity, Client, Tracker};
/// # async fn inside(tx: impl Client) {
/// if let Some(tracker) = Tracker::current() {
///     let activity = Activity::new(ActionType::DatabaseCreated).details("three tables");
///     tracker.record_in(tx, activity).await;
/// }
/// # }
/// ```
///
/// With `required` there is no success without its activity. The function returns an error where the activity can't be written, or where there is no tracker,
/// and the caller's `?` rolls the transaction back:
///
/// ```
/// # use tracker_core::{RecordError, store::postgres::tokio_postgres::{self, Transaction}, tracked};
/// # #[derive(Debug, thiserror::Error)]
/// #[error("the order is not placed")]
/// enum OrderError {
///     Database(#[from] tokio_postgres::Error),
///     Untracked(#[from] RecordError),
/// }
///
/// #[tracked(action = "deployment", client = tx, required)]
/// async fn place(user_id: &str, project_id: &str, tx: &Transaction<'_>) -> Result<(), OrderError> {
///     tx.execute("INSERT INTO orders DEFAULT VALUES", &[]).await?;
///     Ok(())
/// }
/// ```
///
/// With `record = "always"` such a call is a failure. Without the feature `enable` nothing is recorded, and nothing is required.
///
/// # Beside other attributes
///
/// Attributes are expanded from the top: the lower one works on what the upper one has made. Above another, `#[tracked]` leaves the
/// signature as it is written, so that what is bound to no name stays out of a span, and a name can be skipped. The parts of
/// an argument that no name in a pattern binds are then dropped last.
///
/// Put `#[tracked]` above whatever answers without running the body, as `#[cached]` does, or makes a function without the parameters, as `#[rstest]`
/// does. The wrong order of these two is an error where it can be seen.
///
/// This is what comes of it in their newest versions. "Once" is one activity for each call, by the right user and in the caller's
/// context.
///
#[doc = include_str!("beside.md")]
///
/// # In other tasks
///
/// The context and the tracker's scope belong to the task: take them to a spawned one with
/// [`in_current_context`](crate::ContextExt::in_current_context).
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
pub use tracker_core_macros::tracked;

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
pub use tracker_core_macros::ReferenceIds;

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
/// | `label = "…"` | a variant | what people read instead of the name, by [`ActionSet::label`](crate::ActionSet::label) | the name in words |
///
/// A name has at least one and at most [255](crate::limits::ID_CHARS_MAX) characters and is in the set's case, and no two
/// variants share one; anything else is an error at compile time.
pub use tracker_core_macros::ActionSet;
