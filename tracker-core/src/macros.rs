//! The macros with their documentation, which is here because it links to items of this crate.

/// Records one activity for each successful call of a function.
///
/// # Examples
///
/// Parameters called `user_id`, `request_id`, `project_id` and `environment` fill these columns.
/// `details` is the line for people:
///
/// ```
/// # use std::io::Error;
/// use tracker_core::tracked;
///
/// #[tracked(action = "deployment", details = "deployed {image}")]
/// async fn deploy(user_id: &str, project_id: &str, image: &str) -> Result<(), Error> {
///     Ok(())
/// }
/// ```
///
/// Values with other names are expressions. The ambient [`Context`](crate::Context) supplies what
/// nobody names:
///
/// ```
/// # use tracker_core::tracked;
/// struct Job {
///     owner: u64,
///     project: String,
/// }
///
/// #[tracked(action = "github_push", user = job.owner, project = job.project)]
/// async fn push(job: &Job) {}
/// ```
///
/// A returned type can declare the IDs of resulting records. Details can use the success value,
/// which is `output`:
///
/// ```
/// # use std::io::Error;
/// # use tracker_core::tracked;
/// #[derive(tracker_core::ReferenceIds)]
/// struct Deployment {
///     #[reference(rename = "deployment_id")]
///     id: String,
///     url: String,
/// }
///
/// #[tracked(action = "deployment", details = "deployed {image} to {output.url}")]
/// async fn deploy(user_id: &str, project_id: &str, image: &str) -> Result<Deployment, Error> {
///     Ok(Deployment {
///         id: "deploy_xyz789".into(),
///         url: format!("https://{project_id}.example.org"),
///     })
/// }
/// ```
///
/// An action type can be one of your own, and failures, panics and cancellations can be recorded as
/// well:
///
/// ```
/// # use std::io::Error;
/// # use tracker_core::{ActionSet, tracked};
/// #[derive(ActionSet)]
/// enum Billing {
///     InvoiceSent,
/// }
///
/// #[tracked(
///     action = Billing::InvoiceSent,
///     record = "always",
///     error_details = "failed: {error}",
/// )]
/// fn send_invoice(project_id: &str) -> Result<(), Error> {
///     Ok(())
/// }
/// ```
///
/// The activity can be a row of the function's own transaction:
///
/// ```
/// # use tracker_core::{store::postgres::tokio_postgres::{Error, Transaction}, tracked};
/// #[tracked(action = "database_created", client = tx)]
/// async fn create(project_id: &str, tx: &Transaction<'_>) -> Result<(), Error> {
///     tx.execute("INSERT INTO databases DEFAULT VALUES", &[]).await?;
///     Ok(())
/// }
/// ```
///
/// # Behaviour
///
/// The function keeps its behaviour: its body runs in place, its result is returned unchanged, and
/// no failure to record reaches the caller. A call succeeds when it returns `Ok`, whatever name the
/// `Result` type has, or a value of another type. A `None` is a value like any other, and so is a
/// `Result` that a generic function returns as its `T`.
///
/// The attribute applies to functions and methods, `async` or not, including `unsafe` and `extern`
/// ones. A synchronous body runs in a closure. With `#[track_caller]` it runs in place instead, and
/// must not return early.
///
/// A function that returns a future is recorded when the future has run. The function may end in an
/// async block, also in the form that `#[async_trait]` generates, `Box::pin(async move { … })`. Or
/// its return type is spelled as a boxed future: `Pin<Box<dyn Future<…>>>`, `BoxFuture` or
/// `LocalBoxFuture`. The body may then obtain that future in any way, and it is awaited in a box of
/// its own. The attribute refuses an `impl Future`, or a future type under another name, that does
/// not come from such a block. It also refuses the handle of a task.
///
/// The future has every auto trait that the plain one has: `Send`, `Sync`, `UnwindSafe`,
/// `RefUnwindSafe`. With `durable` or `client` it holds the returned value while it records, so
/// that value must have them too.
///
/// A closure that a function returns as `impl Fn(…)` must name the types of its parameters, because
/// the attribute keeps the compiler from inferring them from the signature.
///
/// # Arguments
///
/// | argument | meaning | default |
/// | --- | --- | --- |
/// | `action = "…"` | the action type: the name of a [built-in one](crate::ActionType), checked at compile time, or a path to a variant of any [`ActionSet`](crate::ActionSet) | required |
/// | `actions = Set` | the [`ActionSet`](macro@crate::ActionSet) of the name in `action = "…"`, which is then checked against that set at compile time | the built-in one |
/// | `user = expr` | `user_id` | the parameter `user_id`, else the ambient [`Context`](crate::Context) |
/// | `request = expr` | `request_id` | the parameter `request_id`, else the context |
/// | `project = expr` | `project_id` | the parameter `project_id`, else the context |
/// | `environment = expr` | `environment` | the parameter `environment`, else the context, else the tracker's |
/// | `details = "…"` | the line of text for people; see below | none |
/// | `record = "always"` | record failures, panics and cancellations as well; see below | `"success"` |
/// | `error_details = "…"` or `error_details("…", …)` | the line of text for people after a failure; `{error}` is the `Display` of the `Err` value, without its sources | none |
/// | `references(…)` | reference IDs, in addition to those that the returned type [declares](macro@crate::ReferenceIds); see below | none |
/// | `client = expr` | the caller's connection or transaction to record on: any [`Client`](crate::Client) | the tracker's store |
/// | `required` | the function fails if the activity can't be written on that client: it returns the [`RecordError`](crate::RecordError), converted to its own error by `From` | logged and counted |
/// | `or_journal` | an activity that the client does not take goes through the tracker's [journal](crate::journal), or through its queue if it has no journal | logged and counted |
/// | `durable` | wait until the activity is in the [journal](crate::journal) or lost, or until the tracker's `durable_wait` is over, like [`record_durable`](crate::Tracker::record_durable); for functions that can await | not waited for |
/// | `tracker = expr` | the [`Tracker`](crate::Tracker) to record with | the scope's, else the installed one |
/// | `crate = path` | the path of this crate, if it is renamed or re-exported | `::tracker_core` |
///
/// A value is an expression that implements `Display`, or an `Option` of one. `None` leaves the
/// field to the next source, which is the parameter and then the context. An empty text is recorded
/// as `NULL`, and no other source replaces it. Only `client` may await.
///
/// # Details
///
/// `{name}` is a parameter, and `{output}` is the success value (that of `Ok`). Both may be
/// followed by fields: `{output.url}`, `{self.region}`. Format specifications work (`{size:.1}`,
/// `{output:?}`), and `{{` is a brace. Other expressions follow the text, as in `details("{} files
/// to {}", output.files.len(), output.url)`. Only named values are recorded.
///
/// # References
///
/// `references(deployment_id = output.id)` adds an ID under that name. If the returned type
/// declares reference IDs, these are always added. `references(output)` requires that it does.
///
/// # Outcomes
///
/// With `record = "always"` each call is recorded exactly once. The status is `success` or
/// `failure` by the returned value, `panicked` after a panic, which propagates, or `cancelled` if
/// the future was dropped after its first poll and before its completion.
///
/// Every outcome but a success goes through the tracker, even if there is a `client`, because that
/// client's transaction is rolled back. Details that name `output` apply to successes alone. Other
/// outcomes of such a call have no details, except for a failure with `error_details`. The message
/// of a panic is not recorded.
///
/// # When values are read
///
/// Values of a parameter that is a shared reference, a number, a `bool` or a `char` are read after
/// the body, if the call succeeds. **Values of any other parameter are read before the body**,
/// which may move or change it: `{self.count}` of a `&mut self` is the value before the call. An
/// expression that calls something without naming `output` is also read before the body. With
/// `record = "always"` this holds for every expression that does not name `output`.
///
/// # On the caller's client
///
/// `client` names the connection or transaction itself, the target of a reference. The attribute
/// takes the reference:
///
/// | the function has | argument |
/// | --- | --- |
/// | `tx: &Transaction<'_>` or `tx: &mut Transaction<'_>`, of any driver that [`Client`](crate::Client) lists | `client = tx` |
/// | `&self` or `&mut self` with a field | `client = self.tx` |
/// | a pool | `client = self.pool.get().await.unwrap()` |
/// | a guard or another smart pointer | `client = *self.tx.lock().await` |
/// | a reference that it creates itself | `client = &mut *tx` |
///
/// The body can use a `&mut` parameter freely. Recording uses it after the body has ended. A client
/// that the function owns belongs to the body, which may have moved it, so the function must take
/// it by reference. The same holds for `self` in the methods that `#[async_trait]` generates, and
/// in the block that `#[instrument]` generates above this attribute. The client is then a parameter
/// of its own.
///
/// The future awaits the client while it holds the returned value, so that value must be `Send` for
/// the future to be. A transaction that begins inside the function is recorded on by hand:
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
/// With `required` there is no success without its activity. The function returns an error if the
/// activity can't be written or if there is no tracker, and the caller's `?` rolls the transaction
/// back:
///
/// ```
/// # use tracker_core::{RecordError, tracked};
/// # use tracker_core::store::postgres::tokio_postgres::{self, Transaction};
/// # #[derive(Debug, thiserror::Error)]
/// #[error("the order is not placed")]
/// enum OrderError {
///     Database(#[from] tokio_postgres::Error),
///     Untracked(#[from] RecordError),
/// }
///
/// #[tracked(action = "deployment", client = tx, required)]
/// async fn place(
///     user_id: &str,
///     project_id: &str,
///     tx: &Transaction<'_>,
/// ) -> Result<(), OrderError> {
///     tx.execute("INSERT INTO orders DEFAULT VALUES", &[]).await?;
///     Ok(())
/// }
/// ```
///
/// With `record = "always"` such a call is recorded as a failure. Without the feature `enable`
/// nothing is recorded, and nothing is required.
///
/// # Beside other attributes
///
/// Attributes are expanded from the top: the lower one receives the output of the upper one. Above
/// another attribute, `#[tracked]` leaves the signature as written. A span therefore omits values
/// that are bound to no name, and names can be skipped. The parts of an argument that no name in a
/// pattern binds are then dropped last.
///
/// Put `#[tracked]` above any attribute that can answer without running the body, like `#[cached]`,
/// or that generates a function without the parameters, like `#[rstest]`. The wrong order of these
/// two is an error if the attribute can detect it.
///
/// The table shows the result for the newest versions. "Once" means one activity for each call,
/// with the right user and in the caller's context.
///
#[doc = include_str!("beside.md")]
///
/// # In other tasks
///
/// The context and the tracker's scope belong to the task. Carry them into a spawned one with
/// [`in_current_context`](crate::ContextExt::in_current_context).
///
/// # Expansion
///
/// The third example becomes, in essence:
///
/// ```
/// # use std::io::Error;
/// # use tracker_core::{ActionType, Activity, HasReferenceIds, Tracker};
/// # #[derive(tracker_core::ReferenceIds)]
/// # struct Deployment {
/// #     #[reference(rename = "deployment_id")]
/// #     id: String,
/// #     url: String,
/// # }
/// async fn deploy(user_id: &str, project_id: &str, image: &str) -> Result<Deployment, Error> {
///     let result = async move {
///         Ok(Deployment {
///             id: "deploy_xyz789".into(),
///             url: format!("https://{project_id}.example.org"),
///         })
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

/// Implements [`HasReferenceIds`](crate::HasReferenceIds) for a struct: declares the fields that
/// are IDs of resulting records.
///
/// `#[reference]` marks such a field. The reference has the field's name, or that of
/// `#[reference(rename = "…")]`, which a field of a tuple struct needs. The field's type implements
/// `Display`, or is an `Option` of such a type, which adds nothing when it is `None`.
/// `#[reference(crate = path)]` on the struct gives the path of `tracker_core`, if it is renamed or
/// re-exported.
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

/// Implements [`ActionSet`](trait@crate::ActionSet) for an enum whose variants have no fields:
/// declares a team's own action types.
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
/// | argument | on | meaning | default |
/// | --- | --- | --- | --- |
/// | `rename_all = "…"` | the enum | the case of the names: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case` or `SCREAMING-KEBAB-CASE` | `snake_case` |
/// | `crate = path` | the enum | the path of this crate, if it is renamed or re-exported | `::tracker_core` |
/// | `rename = "…"` | a variant | the stored name | the variant's name in that case |
/// | `label = "…"` | a variant | the text that people read instead of the name, returned by [`ActionSet::label`](crate::ActionSet::label) | the name in words |
///
/// A name has at least one and at most [255](crate::limits::ID_CHARS_MAX) characters and is in the
/// set's case. No two variants may share a name. Anything else is an error at compile time.
pub use tracker_core_macros::ActionSet;
