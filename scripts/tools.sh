# Functions by which the scripts install tools of npm, PyPI and crates.io into folders of target/, each in one version; the
# scripts source this file.

# npm_packages FOLDER NAME@VERSION...: into target/FOLDER, where one is not there in its version. All at once: npm removes
# what it is not asked for.
npm_packages() {
    local folder=target/$1 package
    shift
    for package in "$@"; do
        grep -qsF "\"version\": \"${package##*@}\"" "$folder/node_modules/${package%@*}/package.json" && continue
        npm install --silent --no-save --legacy-peer-deps --prefix "$folder" "$@"
        return
    done
}

# python_tool NAME VERSION [PACKAGE]: a command of that name, into target/NAME/bin. The package is of the same name unless
# it is given.
python_tool() {
    local folder=target/$1
    [[ $("$folder/bin/$1" --version 2>/dev/null) != *"$2"* ]] || return 0
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet "${3:-$1}==$2"
}

# cargo_tool NAME VERSION [OPTION...]: a command of that name, into target/tools/bin. The lock file of a package of crates.io
# has the checksums of all that it is made of.
cargo_tool() {
    local folder=target/tools name=$1 version=$2
    shift 2
    if [[ -x $folder/bin/$name ]] && grep -qsF "\"$name $version " "$folder/.crates.toml"; then
        return
    fi
    cargo install "$name" --version "$version" --locked --root "$folder" --quiet "$@"
}
