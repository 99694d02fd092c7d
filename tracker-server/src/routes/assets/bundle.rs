//! One script of a module and of all that it imports: [`bundle`].
//!
//! A browser asks once for it, and never has modules of two releases together. Each module becomes
//! a function, so that its names stay its own:
//!
//! ```js
//! const $timeline_json = (() => {
//! const { t } = $timeline_texts;
//! function jsonOf() {}
//! return { jsonOf };
//! })();
//! ```
//!
//! The modules keep to a few forms, each at the beginning of a line: `import { a, b as c } from`,
//! `import`, `export { a } from`, and `export` before a constant, a function or a class. They
//! import each other in no circle.

/// Returns the script of the module `entry`, which exports what that does. `source` gives the text
/// of a module.
pub(super) fn bundle<'a>(entry: &'a str, source: &impl Fn(&str) -> &'a str) -> String {
    let mut modules = Vec::new();
    arrange(entry, source, &mut modules);
    let mut script = String::new();
    let mut exports = String::new();
    for (name, module) in modules {
        exports = module.exports.join(", ");
        let variable = variable(name);
        script.extend(["// ", name, "\nconst ", &variable, " = (() => {\n"]);
        script.extend([&module.code, "return { ", &exports, " };\n})();\n"]);
    }
    if !exports.is_empty() {
        let variable = variable(entry);
        script.extend(["export const { ", &exports, " } = ", &variable, ";\n"]);
    }
    script
}

/// Reads a module, and puts it after those that it imports.
fn arrange<'a>(
    name: &'a str,
    source: &impl Fn(&str) -> &'a str,
    modules: &mut Vec<(&'a str, Module<'a>)>,
) {
    let module = Module::read(source(name));
    for imported in &module.imports {
        if !modules.iter().any(|(name, _)| name == imported) {
            arrange(imported, source, modules);
        }
    }
    modules.push((name, module));
}

#[derive(Default)]
struct Module<'a> {
    /// The names of other modules.
    imports: Vec<&'a str>,
    /// The statements, with those of imports and exports as ordinary ones.
    code: String,
    exports: Vec<&'a str>,
}

impl<'a> Module<'a> {
    fn read(mut text: &'a str) -> Self {
        let mut module = Self::default();
        while !text.is_empty() {
            let is_import = text.starts_with("import ");
            let is_passed_on = text.starts_with("export {");
            let end = if is_import || is_passed_on {
                ";\n"
            } else {
                "\n"
            };
            let end = text.find(end).map_or(text.len(), |at| at + end.len());
            let (statement, rest) = text.split_at(end);
            text = rest;
            if is_import || is_passed_on {
                module.import(statement, is_passed_on);
            } else if let Some(declaration) = statement.strip_prefix("export ") {
                module.exports.push(declared(declaration));
                module.code += declaration;
            } else {
                module.code += statement;
            }
        }
        module
    }

    fn import(&mut self, statement: &'a str, is_passed_on: bool) {
        let Some(from) = between(statement, "\"./", "\"") else {
            return;
        };
        self.imports.push(from);
        let Some(names) = between(statement, "{", "}") else {
            return;
        };
        let taken = names.replace(" as ", ": ");
        self.code
            .extend(["const {", &taken, "} = ", &variable(from), ";\n"]);
        if is_passed_on {
            // The last word of `a as b` is the name outside.
            let passed_on = names.split(',');
            let passed_on = passed_on.filter_map(|name| name.split_whitespace().next_back());
            self.exports.extend(passed_on);
        }
    }
}

fn variable(module: &str) -> String {
    format!("${}", module.trim_end_matches(".js").replace('-', "_"))
}

/// Returns the name that a declaration has.
fn declared(declaration: &str) -> &str {
    let words = ["async ", "function* ", "function ", "class ", "const "];
    let name = words.iter().fold(declaration, |rest, word| {
        rest.strip_prefix(word).unwrap_or(rest)
    });
    let end = name.find(|next: char| !next.is_alphanumeric() && next != '_' && next != '$');
    &name[..end.unwrap_or(name.len())]
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str) -> &'static str {
        match name {
            "page-one.js" => concat!(
                "import \"./dom.js\";\n",
                "import {\n  first,\n  second as other,\n} from \"./the-names.js\";\n",
                "say(first, other);\n",
                "export { own, second as third } from \"./the-names.js\";\n",
                "export class Page extends Node {\n}\n",
            ),
            "the-names.js" => concat!(
                "import { say } from \"./dom.js\";\n",
                "export const first = 1;\n",
                "export async function* second() {}\n",
                "export const own = say(first);\n",
            ),
            "dom.js" => "// No import.\nexport function say() {}\n",
            _ => "",
        }
    }

    #[test]
    fn a_module_comes_once_and_after_those_that_it_imports() {
        let expected = "\
// dom.js
const $dom = (() => {
// No import.
function say() {}
return { say };
})();
// the-names.js
const $the_names = (() => {
const { say } = $dom;
const first = 1;
async function* second() {}
const own = say(first);
return { first, second, own };
})();
// page-one.js
const $page_one = (() => {
const {
  first,
  second: other,
} = $the_names;
say(first, other);
const { own, second: third } = $the_names;
class Page extends Node {
}
return { own, third, Page };
})();
export const { own, third, Page } = $page_one;
";
        assert_eq!(bundle("page-one.js", &source), expected);
    }
}
