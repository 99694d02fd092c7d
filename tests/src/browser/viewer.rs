//! A person with a browser of their own: [`Viewer`].

/// The settings of a viewer's system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The language with its country: `en-US`, `de-DE`.
    pub language: &'static str,
    /// The preferred colours.
    pub scheme: Scheme,
}

impl Default for Viewer {
    /// English in light colours.
    fn default() -> Self {
        Self {
            language: "en-US",
            scheme: Scheme::Light,
        }
    }
}

/// The preference of the viewer's system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// Returns the name in CSS.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the value of Firefox's preference.
    pub(super) fn in_firefox(self) -> u8 {
        match self {
            Self::Dark => 0,
            Self::Light => 1,
        }
    }
}
