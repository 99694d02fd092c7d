//! `call-loop CASE CALLS` sets up a case, makes the calls, and prints the nanoseconds of each on
//! the processor, on the caller's thread. Callgrind counts its instructions.

use std::{
    env,
    io::{Write as _, stdout},
};

use anyhow::{Context as _, bail};
use tracker_benches::cases;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let (Some(name), Some(calls), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        bail!("usage: call-loop CASE CALLS");
    };
    let calls: u32 = calls.parse().context("CALLS is not a number")?;
    // The calibration of a tracker's clock takes a time that varies. It is done once in a process:
    // here, where callgrind does not count.
    let _ = quanta::Clock::new();
    let mut case = cases::set_up(&name)?;
    let taken = case.time(calls.into());
    case.check()?;
    let per_call = taken.cpu.as_secs_f64() * 1e9 / f64::from(calls);
    writeln!(stdout(), "{per_call}")?;
    Ok(())
}
