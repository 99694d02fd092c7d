//! Classifies each SQLSTATE of Appendix A of the Postgres manual: [`class`].
//!
//! | cause | classes | treatment of the rows |
//! | --- | --- | --- |
//! | a permanent error of one row | [`Refused`](Class::Refused), [`Duplicate`](Class::Duplicate) | isolated, and never sent again |
//! | a temporary error of one row | [`MissingReference`](Class::MissingReference) | isolated, and retried for a while beside all others |
//! | the moment | [`Busy`](Class::Busy), [`Locked`](Class::Locked), [`TimedOut`](Class::TimedOut) | retried until it passes; an error of one row alone is retried beside all others |
//! | the installation | [`Denied`](Class::Denied), [`NotMigrated`](Class::NotMigrated), [`Shape`](Class::Shape), [`Unsupported`](Class::Unsupported), [`Broken`](Class::Broken) | the same |
//! | the server | [`Unreachable`](Class::Unreachable), [`Exhausted`](Class::Exhausted), [`ReadOnly`](Class::ReadOnly), [`NoDatabase`](Class::NoDatabase) | retried without a limit |
//! | unknown | [`Other`](Class::Other) | retried as often as the builder's `retries` says |
//!
//! A trigger, a policy or a default can make a valid statement fail. Codes that only these can
//! cause count as errors of the row if they are about its values, and as errors of the installation
//! if they are about the function.

use super::class::Class;

/// Classifies a code by the codes of Postgres 15 to 18, else by its first two characters. An
/// unknown code, such as a trigger's own, is [`Class::Other`].
pub(super) fn class(sqlstate: &str) -> Class {
    of_code(sqlstate)
        .or_else(|| of_class(sqlstate))
        .unwrap_or(Class::Other)
}

/// Classifies codes whose meaning differs from that of their class.
fn of_code(sqlstate: &str) -> Option<Class> {
    Some(match sqlstate {
        "23503" => Class::MissingReference,
        "23505" => Class::Duplicate,
        // Only a transaction of the caller's can have failed before.
        "25P02" => Class::Other,
        "25006" => Class::ReadOnly,
        "42501" => Class::Denied,
        "42P01" => Class::NotMigrated,
        // A binary COPY to a column of another type; an unknown column, a wrong type, a missing
        // conversion, a view instead of a table, a generated column.
        "22P03" | "42703" | "42804" | "42846" | "42809" | "428C9" => Class::Shape,
        // An object in use, unlike the rest of its class, which is about objects in an unsuitable
        // state; an operator's intervention.
        "55006" | "57000" => Class::Busy,
        "55P03" => Class::Locked,
        "57014" => Class::TimedOut,
        "57P04" => Class::NoDatabase,
        _ => return None,
    })
}

fn of_class(sqlstate: &str) -> Option<Class> {
    Some(match sqlstate.get(..2)? {
        // Connection exceptions, including those of poolers, and a server that starts or stops.
        "08" | "57" => Class::Unreachable,
        // A trigger's action or its change of the data; a value without a result in a CASE or
        // subquery; a constraint; a view's CHECK OPTION; a size that no index holds; and errors
        // raised by a PL/pgSQL function.
        "09" | "10" | "20" | "21" | "22" | "23" | "27" | "44" | "54" | "P0" => Class::Refused,
        "0A" => Class::Unsupported,
        // A statement in a session that a pooler has exchanged, a conflict with concurrent
        // transactions, and a snapshot or a transaction that took too long.
        "25" | "26" | "40" | "72" => Class::Busy,
        "28" => Class::Denied,
        "3D" => Class::NoDatabase,
        "3F" => Class::NotMigrated,
        "53" => Class::Exhausted,
        // Invalid statements, which are not the store's but those of a function in a trigger, a
        // default or a policy; foreign data; the server's configuration and files; and its internal
        // errors.
        "03" | "0B" | "0F" | "0L" | "0P" | "0Z" | "24" | "2B" | "2D" | "2F" | "34" | "38"
        | "39" | "42" | "55" | "58" | "F0" | "HV" | "XX" => Class::Broken,
        // Savepoints, which only a caller's transaction has.
        "3B" => Class::Other,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every code of Appendix A, of versions 15 and 18, by its class here.
    const CODES: [(Class, &str); 15] = [
        (
            Class::Unreachable,
            "08000 08001 08003 08004 08006 08007 08P01 57P01 57P02 57P03 57P05",
        ),
        (Class::Exhausted, "53000 53100 53200 53300 53400"),
        (Class::ReadOnly, "25006"),
        (Class::NoDatabase, "3D000 57P04"),
        (Class::Denied, "28000 28P01 42501"),
        (Class::NotMigrated, "3F000 42P01"),
        (Class::Shape, "22P03 42703 42804 42846 42809 428C9"),
        (Class::Unsupported, "0A000"),
        (
            Class::Broken,
            "03000 0B000 0F000 0F001 0L000 0LP01 0P000 0Z000 0Z002 24000 2B000 2BP01 2D000 2F000 2F002 \
             2F003 2F004 2F005 34000 38000 38001 38002 38003 38004 39000 39001 39004 39P01 39P02 39P03 \
             42000 42601 42602 42611 42622 42701 42702 42704 42710 42712 42723 42725 42803 42830 42883 \
             42939 42P02 42P03 42P04 42P05 42P06 42P07 42P08 42P09 42P10 42P11 42P12 42P13 42P14 42P15 \
             42P16 42P17 42P18 42P19 42P20 42P21 42P22 55000 55P02 55P04 58000 58030 58P01 58P02 58P03 \
             F0000 F0001 HV000 HV001 HV002 HV004 HV005 HV006 HV007 HV008 HV009 HV00A HV00B HV00C HV00D \
             HV00J HV00K HV00L HV00M HV00N HV00P HV00Q HV00R HV010 HV014 HV021 HV024 HV090 HV091 XX000 \
             XX001 XX002",
        ),
        (Class::Locked, "55P03"),
        (Class::TimedOut, "57014"),
        (
            Class::Busy,
            "25000 25001 25002 25003 25004 25005 25007 25008 25P01 25P03 25P04 26000 40000 40001 40002 \
             40003 40P01 55006 57000 72000",
        ),
        (Class::MissingReference, "23503"),
        (Class::Duplicate, "23505"),
        (
            Class::Refused,
            "09000 10608 20000 21000 22000 22001 22002 22003 22004 22005 22007 22008 22009 2200B 2200C \
             2200D 2200F 2200G 2200H 2200L 2200M 2200N 2200S 2200T 22010 22011 22012 22013 22014 22015 \
             22016 22018 22019 2201B 2201E 2201F 2201G 2201W 2201X 22021 22022 22023 22024 22025 22026 \
             22027 2202E 2202G 2202H 22030 22031 22032 22033 22034 22035 22036 22037 22038 22039 2203A \
             2203B 2203C 2203D 2203E 2203F 2203G 22P01 22P02 22P04 22P05 22P06 23000 23001 23502 23514 \
             23P01 27000 44000 54000 54001 54011 54023 P0000 P0001 P0002 P0003 P0004",
        ),
    ];

    /// Codes that are no errors of a store: success, warnings, and those that only a caller's
    /// transaction can have.
    const OTHERS: &str =
        "00000 01000 01003 01004 01006 01007 01008 0100C 01P01 02000 02001 25P02 3B000 3B001";

    #[test]
    fn each_code_of_the_manual_has_its_class() {
        for (expected, codes) in CODES {
            for code in codes.split_whitespace() {
                assert_eq!(class(code), expected, "{code}");
            }
        }
        for code in OTHERS.split_whitespace() {
            assert_eq!(class(code), Class::Other, "{code}");
        }
    }

    /// There are 262 codes in version 18, and one that only 15 has.
    #[test]
    fn no_code_is_left_out_or_listed_twice() {
        let all = CODES.into_iter().map(|(_, codes)| codes).chain([OTHERS]);
        let all: Vec<_> = all.flat_map(str::split_whitespace).collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (263, 263));
    }

    #[test]
    fn a_code_that_nobody_knows_is_taken_by_its_class_or_for_unknown() {
        for (code, expected) in [
            ("22Q99", Class::Refused),
            ("53999", Class::Exhausted),
            ("XXUUU", Class::Broken),
            ("TR001", Class::Other),
            ("", Class::Other),
            ("é", Class::Other),
        ] {
            assert_eq!(class(code), expected, "{code}");
        }
    }
}
