//! Parameters: patterns of every kind, `#[cfg]`, raw identifiers, and arguments that the body moves
//! or changes.

use std::cell::Cell;

use crate::support::{Noisy, log, tick};

#[derive(Debug)]
pub(crate) struct Request {
    user_id: String,
    project_id: u8,
    rest: &'static str,
}

fn request() -> Request {
    Request {
        user_id: "user_1".into(),
        project_id: 3,
        rest: "rest",
    }
}

#[derive(Debug)]
struct Wrapper<T>(T);

twins! {
    #[tracked(action = "deployment", details = "{first} {second} {inner} {head} {copy}")]
    pub(super) async fn destructured(
        (first, (second, _)): (u8, (String, u8)),
        Request { user_id, project_id, .. }: Request,
        Wrapper(inner): Wrapper<Box<str>>,
        [head, .., _]: [u8; 3],
        &copy: &u8,
    ) -> (u8, String, Box<str>) {
        tick().await;
        let user_id = user_id + &second;
        (first + project_id + head + copy, user_id, inner)
    }

    #[tracked(action = "deployment", details = "{id} {whole:?} {part}")]
    pub(super) async fn renamed_and_bound_twice(Request { user_id: id, rest, .. }: Request, whole @ (part, _): (u8, u8)) -> u8 {
        tick().await;
        drop(id);
        log(rest);
        whole.1 + part
    }

    #[tracked(action = "deployment", details = "{output}")]
    #[allow(clippy::toplevel_ref_arg)]
    pub(super) async fn changed_by_reference(ref mut name: String, (ref mut part, count): (String, usize)) -> usize {
        tick().await;
        name.push('a');
        part.push('b');
        name.len() + part.len() + count
    }

    #[tracked(action = "deployment", user = count + 1, request = count as u16, project = -1,
        references(size = output.len() * 2, is_small = output.len() < 9))]
    #[allow(clippy::cast_lossless)]
    pub(super) async fn calculated(count: u8) -> String {
        tick().await;
        "x".repeat(count.into())
    }

    #[tracked(action = "deployment", details = "{count} {name} {part}")]
    pub(super) async fn mutable(mut count: u8, mut name: String, (mut part, _): (u8, u8)) -> String {
        for _ in 0..3 {
            count += 1;
            part += count;
            tick().await;
        }
        name += &count.to_string();
        name + &part.to_string()
    }

    #[tracked(action = "deployment", details = "{name} {place}")]
    #[allow(clippy::toplevel_ref_arg)]
    pub(super) async fn by_reference(ref name: String, ref mut place: u8) -> usize {
        *place += 1;
        tick().await;
        name.len() + usize::from(*place)
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn without_a_name(_: Noisy, _: &str, _: u8) -> u8 {
        tick().await;
        7
    }

    #[tracked(action = "deployment", details = "{present}")]
    pub(super) async fn configured(
        #[cfg(any())] absent: Absent,
        #[cfg(all())] user_id: &str,
        #[cfg(not(any()))] present: String,
        #[cfg_attr(all(), allow(unused_variables))] unused: u8,
    ) -> usize {
        tick().await;
        user_id.len() + present.len()
    }

    #[tracked(action = "deployment", details = "{present}")]
    pub(super) async fn one_of_two(
        #[cfg(any())] project_id: Absent,
        #[cfg(all())] project_id: &str,
        present: u8,
    ) -> usize {
        tick().await;
        project_id.len() + usize::from(present)
    }

    #[tracked(action = "deployment", user = r#type, details("{} {}", r#match, r#type), references(r#loop = r#match))]
    pub(super) async fn r#raw(r#type: &str, r#match: String) -> String {
        tick().await;
        r#match + r#type
    }

    #[tracked(action = "deployment", details("{} {}", cell.get(), output))]
    pub(super) async fn send_but_not_sync(cell: Cell<u8>, add: Box<dyn Fn(u8) -> u8 + Send>) -> u8 {
        cell.set(cell.get() + 1);
        tick().await;
        add(cell.get())
    }

    #[tracked(action = "deployment", details = "{moved} {shadowed} {changed:?}")]
    pub(super) async fn moved_shadowed_and_changed(moved: String, shadowed: String, changed: &mut Vec<u8>) -> usize {
        changed.push(7);
        tick().await;
        let shadowed = shadowed.len();
        let moved = Wrapper(moved).0.into_bytes();
        moved.len() + shadowed
    }

    #[tracked(action = "deployment", details = "{user_id}")]
    pub(super) async fn the_body_changes_what_was_captured(mut user_id: String, project_id: &mut u8) {
        user_id.push('!');
        *project_id += 1;
        tick().await;
        log(&user_id);
        user_id.clear();
    }

    #[tracked(action = "deployment", details = "{count}")]
    pub(super) async fn a_copy_that_the_body_changes(mut count: u8) -> u8 {
        count += 1;
        tick().await;
        count
    }

    #[tracked(action = "deployment", user = user_id, details("{}", _project))]
    #[allow(clippy::used_underscore_binding)] // The attribute uses it.
    pub(super) async fn only_the_attribute_reads_them(user_id: &str, _project: u8) -> u8 {
        let _ = user_id;
        tick().await;
        7
    }

    #[tracked(action = "deployment")]
    pub(super) async fn an_argument_with_a_secret(user_id: &str, password: &str) -> String {
        tick().await;
        format!("{user_id}:{password}")
    }
}

#[test]
fn destructured_parameters() {
    let rows = compare!(twin => {
        let wrapper = Wrapper("inner".into());
        twin::destructured((1, ("b".into(), 2)), request(), wrapper, [4, 5, 6], &8).await
    });
    assert_eq!(rows, ["deployment by user_1 on 3: 1 b inner 4 8"]);
    let rows = compare!(twin => twin::renamed_and_bound_twice(request(), (1, 2)).await);
    assert_eq!(rows, ["deployment: user_1 (1, 2) 1"]);
}

#[test]
fn mutable_parameters_are_recorded_as_they_came() {
    let rows = compare!(twin => twin::mutable(1, "name".into(), (5, 6)).await);
    assert_eq!(rows, ["deployment: 1 name 5"]);
    let rows = compare!(twin => twin::a_copy_that_the_body_changes(1).await);
    assert_eq!(rows, ["deployment: 1"]);
}

#[test]
fn parameters_bound_by_reference() {
    let rows = compare!(twin => twin::by_reference("name".into(), 1).await);
    assert_eq!(rows, ["deployment: name 1"]);
}

#[test]
fn parameters_bound_by_exclusive_reference() {
    let rows = compare!(twin => twin::changed_by_reference("n".into(), ("p".into(), 1)).await);
    assert_eq!(rows, ["deployment: 5"]);
}

#[test]
fn values_that_are_calculated() {
    let rows = compare!(twin => twin::calculated(3).await);
    let references = r#"{"is_small":"true","size":"6"}"#;
    assert_eq!(rows, [format!("deployment by 4 in 3 on -1 {references}")]);
}

#[test]
fn parameters_without_a_name() {
    let rows = compare!(twin => twin::without_a_name(Noisy("a"), "b", 1).await);
    assert_eq!(rows, ["deployment: 7"]);
}

#[test]
fn a_cfg_on_a_parameter_is_respected() {
    let rows = compare!(twin => twin::configured("user_1", "present".into(), 1).await);
    assert_eq!(rows, ["deployment by user_1: present"]);
}

#[test]
fn of_two_parameters_with_one_name_the_one_that_is_compiled_is_recorded() {
    let rows = compare!(twin => twin::one_of_two("project_2", 7).await);
    assert_eq!(rows, ["deployment on project_2: 7"]);
}

#[test]
fn raw_identifiers() {
    let rows = compare!(twin => twin::raw("user_1", "a".into()).await);
    assert_eq!(rows, [r#"deployment by user_1: a user_1 {"loop":"a"}"#]);
}

#[test]
fn arguments_that_are_send_but_not_sync() {
    fn require_send<T: Send>(future: T) -> T {
        future
    }
    let rows = compare!(twin => {
        require_send(twin::send_but_not_sync(Cell::new(1), Box::new(|value| value + 1))).await
    });
    assert_eq!(rows, ["deployment: 1 3"]);
}

#[test]
fn arguments_that_the_body_moves_shadows_or_changes() {
    let rows = compare!(twin => {
        let mut changed = vec![1];
        let sum = twin::moved_shadowed_and_changed("moved".into(), "shadowed".into(), &mut changed).await;
        let mut project_id = 3;
        twin::the_body_changes_what_was_captured("user_1".into(), &mut project_id).await;
        (sum, changed, project_id)
    });
    assert_eq!(
        rows,
        [
            "deployment: moved shadowed [1]",
            "deployment by user_1 on 3: user_1",
        ]
    );
}

#[test]
fn arguments_that_only_the_attribute_reads() {
    let rows = compare!(twin => twin::only_the_attribute_reads_them("user_1", 3).await);
    assert_eq!(rows, ["deployment by user_1: 3"]);
}

#[test]
fn an_argument_that_nothing_names_is_not_recorded() {
    let rows = compare!(twin => twin::an_argument_with_a_secret("user_1", "hunter2").await);
    assert_eq!(rows, ["deployment by user_1"]);
}
