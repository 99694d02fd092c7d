//! What a connection string says about the store rather than the connection, in Prisma's words.

use std::time::Duration;

use super::super::connection_string::{ConnectionStringError, Parameters};

/// What a store takes from its URL where its builder was told nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct StoreOptions {
    /// `connection_limit`.
    pub(in super::super) connections_max: Option<usize>,
    /// `pool_timeout`, in seconds, of which 0 is no limit.
    pub(in super::super) pool_timeout: Option<Duration>,
    /// `schema`.
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
