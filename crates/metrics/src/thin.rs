//! Fewer points for the same span; what was least and greatest stays to be seen.

use crate::head::{Cell, is_gap};

/// Steps between points, in seconds, that people can read a clock by.
const STEPS: [i64; 19] =
    [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/// What a series was in one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When the step began, in milliseconds since 1970 UTC.
    pub time_ms: i64,
    /// The least.
    pub min: f32,
    /// The average.
    pub avg: f32,
    /// The greatest.
    pub max: f32,
}

/// The shortest step, at least `least`, with which a span has at most `points`.
pub(crate) fn step(seconds: i64, points: usize, least: i64) -> i64 {
    let points = (points as i64).max(2);
    // The span may begin and end within a step.
    let fits = |step: &i64| *step >= least && step % least == 0 && seconds.div_euclid(*step) + 2 <= points;
    STEPS.into_iter().find(fits).unwrap_or_else(|| {
        let days = seconds.div_euclid(86_400 * (points - 1).max(1)) + 1;
        days * 86_400
    })
}

/// The points of `cells`, of which each is `width` seconds wide and the first begins at `slot`. Gaps make no points.
pub(crate) fn thin<const W: usize>(slot: i64, cells: &[Cell<W>], width: i64, step: i64) -> Vec<Point> {
    let mut points = Vec::new();
    let mut bucket: Option<Bucket> = None;
    for (slot, cell) in (slot..).zip(cells).filter(|(_, cell)| !is_gap(cell)) {
        let start = (slot * width).div_euclid(step) * step;
        // A cell is one number, or least, average and greatest.
        let (min, avg, max) = (cell[0], cell[W / 2], cell[W - 1]);
        match &mut bucket {
            Some(bucket) if bucket.start == start => bucket.add(min, avg, max),
            _ => {
                let fresh = Bucket { start, min, sum: f64::from(avg), count: 1.0, max };
                points.extend(bucket.replace(fresh).map(Bucket::point));
            }
        }
    }
    points.extend(bucket.map(Bucket::point));
    points
}

struct Bucket {
    start: i64,
    min: f32,
    sum: f64,
    count: f64,
    max: f32,
}

impl Bucket {
    fn add(&mut self, min: f32, avg: f32, max: f32) {
        self.min = self.min.min(min);
        self.max = self.max.max(max);
        self.sum += f64::from(avg);
        self.count += 1.0;
    }

    fn point(self) -> Point {
        let avg = ((self.sum / self.count) as f32).clamp(self.min, self.max);
        Point { time_ms: self.start * 1000, min: self.min, avg, max: self.max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::gap;

    #[test]
    fn steps_are_as_short_as_the_points_allow() {
        for (seconds, points, least, expected) in [
            (3600, 2000, 1, 2),
            (1800, 2000, 1, 1),
            (3600, 300, 1, 15),
            (31 * 86_400, 300, 60, 10_800),
            (31 * 86_400, 2000, 60, 1800),
            (3600, 300, 60, 60),
            (31 * 86_400, 10, 60, 4 * 86_400),
        ] {
            let step = step(seconds, points, least);
            assert_eq!(step, expected, "{seconds} s in {points}");
            assert!(seconds / step < points as i64);
        }
    }

    #[test]
    fn peaks_stay_and_gaps_stay() {
        let mut cells: Vec<Cell<1>> = (0..60).map(|n| [n as f32]).collect();
        cells[20..40].fill(gap());
        cells[3] = [1000.0];
        let points = thin(100, &cells, 1, 10);
        let times: Vec<_> = points.iter().map(|point| point.time_ms / 1000).collect();
        assert_eq!(times, [100, 110, 140, 150]);
        assert_eq!((points[0].min, points[0].max), (0.0, 1000.0));
        assert_eq!(points[1], Point { time_ms: 110_000, min: 10.0, avg: 14.5, max: 19.0 });
    }

    #[test]
    fn what_is_least_and_greatest_in_minutes_stays() {
        let cells: Vec<Cell<3>> = vec![[1.0, 2.0, 9.0], [0.0, 4.0, 5.0]];
        let expected = Point { time_ms: 0, min: 0.0, avg: 3.0, max: 9.0 };
        assert_eq!(thin(0, &cells, 60, 120), [expected]);
    }
}
