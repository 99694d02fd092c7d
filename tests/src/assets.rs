//! The string literals of JavaScript modules: [`literals`].

/// A string of a module.
#[derive(Debug, PartialEq, Eq)]
pub struct Literal {
    /// Counted from 1.
    pub line: usize,
    /// The code before it, from the beginning of its line on.
    pub before: String,
    /// The text, in which `{}` stands for an expression of a template.
    pub text: String,
}

/// Returns the literals of a module, in their order. A template within a template follows it.
#[must_use]
pub fn literals(module: &str) -> Vec<Literal> {
    let mut reader = Reader {
        rest: module.chars().collect(),
        at: 0,
        found: Vec::new(),
    };
    reader.code(false);
    reader.found.sort_by_key(|literal| literal.line);
    reader.found
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    found: Vec<Literal>,
}

impl Reader {
    /// Reads code to the end, or to the brace that ends the expression of a template.
    fn code(&mut self, is_expression: bool) {
        let mut depth = 0;
        while let Some(next) = self.peek(0) {
            match (next, self.peek(1)) {
                ('/', Some('/')) => self.skip_to("\n"),
                ('/', Some('*')) => self.skip_to("*/"),
                ('/', _) if self.begins_value() => self.regular_expression(),
                ('"' | '\'', _) => self.string(next),
                ('`', _) => self.template(),
                ('}', _) if is_expression && depth == 0 => return,
                _ => {
                    depth += i32::from(next == '{') - i32::from(next == '}');
                    self.at += 1;
                }
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn skip_to(&mut self, end: &str) {
        let end: Vec<char> = end.chars().collect();
        while self.at < self.rest.len() && !self.rest[self.at..].starts_with(&end) {
            self.at += 1;
        }
        self.at += end.len();
    }

    /// Returns whether a value is to come, rather than an operator.
    fn begins_value(&self) -> bool {
        let before = self.rest[..self.at].iter().rev();
        let last = before.copied().find(|c| !c.is_whitespace());
        last.is_none_or(|last| "(,=:[!&|?{};>".contains(last))
    }

    fn regular_expression(&mut self) {
        let mut is_in_class = false;
        self.at += 1;
        while let Some(next) = self.peek(0) {
            self.at += if next == '\\' { 2 } else { 1 };
            match next {
                '[' => is_in_class = true,
                ']' => is_in_class = false,
                '/' if !is_in_class => return,
                _ => {}
            }
        }
    }

    fn string(&mut self, quote: char) {
        let begins = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(next) = self.peek(0) {
            self.at += 1;
            match next {
                '\\' => self.at += 1,
                end if end == quote => break,
                inside => text.push(inside),
            }
        }
        self.keep(begins, text);
    }

    fn template(&mut self) {
        let begins = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(next) = self.peek(0) {
            self.at += 1;
            match (next, self.peek(0)) {
                ('\\', _) => self.at += 1,
                ('`', _) => break,
                ('$', Some('{')) => {
                    self.at += 1;
                    self.code(true);
                    self.at += 1;
                    text.push_str("{}");
                }
                (inside, _) => text.push(inside),
            }
        }
        self.keep(begins, text);
    }

    fn keep(&mut self, begins: usize, text: String) {
        let before = &self.rest[..begins];
        let line = before.iter().filter(|c| **c == '\n').count() + 1;
        let start = before.iter().rposition(|c| *c == '\n');
        let before = before[start.map_or(0, |end| end + 1)..].iter().collect();
        self.found.push(Literal { line, before, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found_between_comments_and_regular_expressions() {
        let module = r#"
            // "not this" or `that`
            const quotes = /["'`/]/g; /* "nor this" */
            const half = total / 2 + "px" / 3;
            say("a \" b", `one ${ two(`inner ${3}`) + "}" } end`);
        "#;
        let found: Vec<_> = literals(module)
            .into_iter()
            .map(|literal| (literal.line, literal.text))
            .collect();
        let expected = [
            (4, "px"),
            (5, "a  b"),
            (5, "inner {}"),
            (5, "}"),
            (5, "one {} end"),
        ];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }
}
