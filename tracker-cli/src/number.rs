//! Numbers for people.

/// Returns a number of activities, as in `1 activity` and `12,345 activities`.
pub(crate) fn activities(count: u64) -> String {
    counted(count, "activity", "activities")
}

/// Returns a number with its noun.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// Returns a number with a comma between each three digits.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_grouped_and_has_its_noun() {
        for (count, text) in [
            (0, "0 activities"),
            (1, "1 activity"),
            (999, "999 activities"),
            (1_000, "1,000 activities"),
            (12_345_678, "12,345,678 activities"),
        ] {
            assert_eq!(activities(count), text);
        }
    }
}
