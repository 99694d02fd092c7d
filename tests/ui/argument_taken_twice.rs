use tracker_core::tracked;

#[tracked(action = "deployment", details("{0} {0}", next()))]
async fn deploy() {}

fn next() -> u8 {
    7
}

fn main() {}
