//! The cells of one series in a block, as bytes: where there are cells (the number of runs, then how many slots each run
//! skips and how many it takes), then the numbers by place in the cell, each with the length of its compressed form.

use pco::{
    ChunkConfig,
    standalone::{simple_compress, simple_decompress},
};

use crate::head::{Cell, gap, is_gap};

/// The bytes of a column; none when it is all gaps.
pub(crate) fn encode<const W: usize>(cells: &[Cell<W>]) -> Option<Vec<u8>> {
    let runs = runs(cells);
    if runs.is_empty() {
        return None;
    }
    let mut out = (runs.len() as u16).to_le_bytes().to_vec();
    for (skip, take) in runs {
        out.extend(skip.to_le_bytes());
        out.extend(take.to_le_bytes());
    }
    for place in 0..W {
        let numbers: Vec<f32> = cells.iter().filter(|cell| !is_gap(cell)).map(|cell| cell[place]).collect();
        let packed =
            simple_compress(&numbers, &ChunkConfig::default()).expect("the configuration is the default");
        out.extend((packed.len() as u32).to_le_bytes());
        out.extend(packed);
    }
    Some(out)
}

/// The cells that `bytes` hold; none when they are not what [`encode`] wrote.
pub(crate) fn decode<const W: usize>(mut bytes: &[u8]) -> Option<Vec<Cell<W>>> {
    let short = |bytes: &mut &[u8]| {
        let (number, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some(usize::from(u16::from_le_bytes(*number)))
    };
    let mut cells: Vec<Cell<W>> = Vec::new();
    let mut places = Vec::new();
    for _ in 0..short(&mut bytes)? {
        let (skip, take) = (short(&mut bytes)?, short(&mut bytes)?);
        let from = cells.len() + skip;
        places.extend(from..from + take);
        cells.resize(from + take, gap());
    }
    #[expect(clippy::needless_range_loop, reason = "the place is in each cell, not in the list of them")]
    for place in 0..W {
        let (len, rest) = bytes.split_first_chunk()?;
        let (packed, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        bytes = rest;
        let numbers: Vec<f32> =
            simple_decompress(packed).ok().filter(|numbers| numbers.len() == places.len())?;
        for (at, number) in places.iter().zip(numbers) {
            cells[*at][place] = number;
        }
    }
    Some(cells)
}

/// How many gaps and then how many cells there are, over and over.
fn runs<const W: usize>(cells: &[Cell<W>]) -> Vec<(u16, u16)> {
    let mut runs = Vec::new();
    let mut rest = cells;
    loop {
        let skip = rest.iter().take_while(|cell| is_gap(cell)).count();
        let take = rest[skip..].iter().take_while(|cell| !is_gap(cell)).count();
        if take == 0 {
            return runs;
        }
        runs.push((skip as u16, take as u16));
        rest = &rest[skip + take..];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text<const W: usize>(cells: &[Cell<W>]) -> String {
        format!("{cells:?}")
    }

    proptest! {
        #[test]
        fn columns_come_back_as_they_were(cells in prop::collection::vec(prop::option::of(any::<[f32; 3]>()), 0..400)) {
            let number = |cell: &[f32; 3]| cell.map(|n| if n.is_nan() { 0.0 } else { n });
            let mut cells: Vec<Cell<3>> = cells.iter().map(|c| c.as_ref().map_or(gap(), number)).collect();
            let bytes = encode(&cells);
            while cells.last().is_some_and(is_gap) {
                cells.pop();
            }
            match bytes {
                None => prop_assert!(cells.is_empty()),
                Some(bytes) => {
                    prop_assert_eq!(text(&decode::<3>(&bytes).unwrap()), text(&cells));
                    prop_assert!(decode::<3>(&bytes[..bytes.len() - 1]).is_none());
                }
            }
        }
    }
}
