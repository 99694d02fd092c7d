//! Which processors a process may use: [`Cores`].

use std::fs;

use anyhow::Context as _;
use rustix::{
    process::Pid,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

use crate::cpu;

/// The processors of this machine: all, and two of them.
pub(crate) struct Cores {
    all: CpuSet,
    one: CpuSet,
    other: CpuSet,
}

/// Who may use which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Everybody all of them.
    All,
    /// Postgres has one for itself, as it has a machine for itself elsewhere; the rest share another one.
    Apart,
}

impl Cores {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let all = sched_getaffinity(None)?;
        let mut single = (0..CpuSet::MAX_CPU)
            .filter(|number| all.is_set(*number))
            .map(|number| {
                let mut set = CpuSet::new();
                set.set(number);
                set
            });
        let one = single.next();
        Ok(Self {
            all,
            one: one.context("no processor")?,
            other: single.next().context("two processors are needed")?,
        })
    }

    /// Places Postgres's processes, and this one with what it has started; what either starts from here on has its place from it.
    pub(crate) fn share(
        &self,
        sharing: Sharing,
        postmaster: u32,
        started: &[u32],
    ) -> anyhow::Result<()> {
        let (rest, postgres) = match sharing {
            Sharing::All => (&self.all, &self.all),
            Sharing::Apart => (&self.one, &self.other),
        };
        for id in cpu::family(postmaster)? {
            place(id, postgres)?;
        }
        for id in started {
            place(*id, rest)?;
        }
        place(std::process::id(), rest)
    }
}

/// Places all threads of a process.
fn place(process: u32, set: &CpuSet) -> anyhow::Result<()> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
        // It has ended meanwhile.
        return Ok(());
    };
    for thread in threads {
        let name = thread?.file_name();
        let id = name.to_str().and_then(|name| name.parse().ok());
        let id = id.and_then(Pid::from_raw).context("a thread's number")?;
        match sched_setaffinity(Some(id), set) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
