//! The action ID of a row: [`ActionId`].

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use uuid::{Builder, Uuid};

use super::{error::RowError, place::Row, template::Template};

/// The last time that a UUIDv7 has, in milliseconds since the Unix epoch.
const MS_MAX: u64 = (1 << 48) - 1;

/// The bits behind the time that a number takes.
const NUMBER_BITS: u32 = 42;

/// The other log's ID of a row, and the log that has it.
///
/// Of these and the time a UUIDv7 is made, always the same, by which a row is found that was
/// imported before. Behind the time it has 74 bits. Those of an ID that is a whole number below
/// 2^42 are the number, and then 32 bits of a hash; those of any other ID are 74 bits of the hash.
/// So rows of the same millisecond keep the order of their numbers. The hash is the beginning of
/// the SHA-256 of the log's name, a zero byte and the ID.
#[derive(Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct ActionId {
    log: String,
    old_id: Template,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    log: String,
    old_id: Template,
}

/// The reason why rows would get no ID of their own.
#[derive(Debug, Error)]
enum NoId {
    #[error("`log` is empty: name the log, so that the same IDs of another log are told apart")]
    Log,
    #[error("`old_id` names no column, as `{{id}}` does")]
    Constant,
}

impl TryFrom<Written> for ActionId {
    type Error = NoId;

    fn try_from(Written { log, old_id }: Written) -> Result<Self, NoId> {
        if log.is_empty() {
            return Err(NoId::Log);
        }
        if old_id.column().is_none() {
            return Err(NoId::Constant);
        }
        Ok(Self { log, old_id })
    }
}

impl ActionId {
    pub(super) fn template(&self) -> &Template {
        &self.old_id
    }

    /// Returns the ID of a row of this time. Times before 1970 begin with zeros.
    pub(super) fn get(&self, row: &Row<'_>, created_at: i64) -> Result<Uuid, RowError> {
        let old_id = self.old_id.required("action_id", row)?;
        let ms = u64::try_from(created_at).unwrap_or(0).min(MS_MAX);
        let bits = self.bits(&old_id);
        Ok(Builder::from_unix_timestamp_millis(ms, &bits).into_uuid())
    }

    /// Returns what follows the time. The builder puts the version over the first 4 bits, and the
    /// variant over the 2 that begin the third byte.
    fn bits(&self, old_id: &str) -> [u8; 10] {
        let hash = Sha256::new()
            .chain_update(&self.log)
            .chain_update([0])
            .chain_update(old_id)
            .finalize();
        let mut bits = [0; 10];
        bits.copy_from_slice(&hash[..10]);
        let number = old_id.parse::<u64>().ok();
        if let Some(number) = number.filter(|number| number >> NUMBER_BITS == 0) {
            // 12 bits before the variant and 30 behind it.
            let before = (number >> 30).to_be_bytes();
            let behind = (number & ((1 << 30) - 1)).to_be_bytes();
            bits[..2].copy_from_slice(&before[6..]);
            bits[2..6].copy_from_slice(&behind[4..]);
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(log: &str, old_id: &str, created_at: i64) -> String {
        let old_id_of = Template::try_from("{id}".to_owned()).unwrap();
        let action_id = ActionId::try_from(Written {
            log: log.to_owned(),
            old_id: old_id_of,
        });
        let row = serde_json::json!({ "id": old_id }).to_string();
        let row = serde_json::from_str(&row).unwrap();
        let id = action_id.unwrap().get(&row, created_at).unwrap();
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        id.to_string()
    }

    #[test]
    fn the_same_row_has_the_same_id_in_every_release() {
        assert_eq!(
            id("shop.audit", "1", 1_795_507_291_000),
            "01a20c93-0378-7000-8000-0001b7ae2eab"
        );
        assert_eq!(
            id("shop.audit", "a1b2", 1_795_507_291_000),
            "01a20c93-0378-75d2-99ce-ec98167d1ae0"
        );
    }

    #[test]
    fn rows_of_a_millisecond_keep_the_order_of_their_numbers() {
        let numbers = [0, 1, 9, 10, 4_095, 1 << 29, 1 << 30, 1 << 41, (1 << 42) - 1];
        let ids = numbers.map(|number: u64| id("shop.audit", &number.to_string(), 7));
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.starts_with("00000000-0007-7")));
    }

    #[test]
    fn another_row_has_another_id() {
        let ids = [
            id("shop.audit", "1", 7),
            id("shop.audit", "01", 7),
            id("shop.audit", "1", 8),
            id("shop", "1", 7),
            id("shop.audit", "4398046511104", 7),
            id("shop.audit", "x", 7),
            id("shop.audit", "x", -7),
            id("shop.audit", "x", i64::MAX),
        ];
        let different: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len());
    }
}
