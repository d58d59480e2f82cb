//! Series of figures over time: an hour at one second and a month at one minute, on disk.
//!
//! A [`Store`] takes the figures of a second together, under names of the caller's choice. Minutes keep the least, the
//! average and the greatest of their seconds. A second without a figure is a gap and stays one.
//!
//! Both resolutions are kept alike, by one `Level` each: what is new is in memory and in a journal; every five minutes
//! (every two hours) it becomes a compressed block, a file that never changes; blocks go when they are too old. So memory
//! and disk depend on the number of series alone. What was appended survives the end of the process; a power cut may take
//! the last half a minute.
//!
//! The caller's clock may jump: what lies at the same second is written over, and nothing is given up to a wrong clock
//! before it has gone on steadily for a while.

mod block;
mod column;
mod error;
mod frames;
mod head;
mod journal;
mod level;
mod names;
mod store;
mod thin;
mod upkeep;

pub use error::{Error, Result};
pub use store::{Answer, Range, Series, Size, Store};
pub use thin::Point;
