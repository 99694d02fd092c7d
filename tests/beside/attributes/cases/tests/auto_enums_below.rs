//! `#[auto_enum]` of `auto_enums`, below.

use auto_enums::auto_enum;
use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[auto_enum(Iterator, marker = either)]
fn deploy(user_id: &str, image: &str) -> Result<impl Iterator<Item = u8>, String> {
    cases::work_at_once(image)?;
    Ok(if image.len() > 9 {
        either!(std::iter::once(0))
    } else {
        either!(Vec::from(image).into_iter())
    })
}

#[test]
fn report() {
    cases::report(|image| deploy(cases::USER, &image).is_ok());
}
