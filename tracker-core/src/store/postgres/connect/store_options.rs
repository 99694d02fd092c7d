//! Options of a connection string that concern the store instead of the connection, by Prisma's
//! names.

use std::time::Duration;

use super::super::connection_string::{ConnectionStringError, Parameters};

/// Settings that a store takes from its URL unless its builder sets them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct StoreOptions {
    /// The option `connection_limit`.
    pub(in super::super) connections_max: Option<usize>,
    /// The option `pool_timeout`, in seconds; 0 means no limit.
    pub(in super::super) pool_timeout: Option<Duration>,
    /// The option `schema`.
    pub(in super::super) schema: Option<String>,
}

impl StoreOptions {
    pub(super) fn take(parameters: &mut Parameters) -> Result<Self, ConnectionStringError> {
        let mut number = |option, expected| {
            parameters
                .remove(option)
                .map(|text| text.parse::<u32>())
                .transpose()
                .map_err(|_| ConnectionStringError::InvalidValue { option, expected })
        };
        let connections = number("connection_limit", "a number of connections")?;
        let seconds = number("pool_timeout", "a whole number of seconds")?;
        Ok(Self {
            connections_max: connections.and_then(|number| usize::try_from(number).ok()),
            pool_timeout: seconds.map(|seconds| match seconds {
                0 => Duration::MAX,
                seconds => Duration::from_secs(seconds.into()),
            }),
            schema: parameters.remove("schema"),
        })
    }
}
