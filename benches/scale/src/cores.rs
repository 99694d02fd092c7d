//! The assignment of processors to processes: [`Cores`].

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

/// The sharing of the processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// All processes use all processors.
    All,
    /// Postgres has a processor to itself, as it elsewhere has a machine to itself. All else shares
    /// another one.
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

    /// Assigns processors to the processes of Postgres, and to this process with those that it has
    /// started. Their later children inherit the assignment.
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

/// Assigns processors to all threads of a process.
fn place(process: u32, set: &CpuSet) -> anyhow::Result<()> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
        // The process has ended meanwhile.
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
