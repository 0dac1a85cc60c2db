//! The order in which each node comes after those that carry it.

/// Kahn's order; nodes in a circle are left out.
pub(crate) fn order(parents: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = parents.iter().map(Vec::len).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    for (child, carriers) in parents.iter().enumerate() {
        for parent in carriers {
            if let Some(carried) = children.get_mut(*parent) {
                carried.push(child);
            }
        }
    }
    let mut order: Vec<usize> = (0..parents.len()).filter(|node| waiting.get(*node) == Some(&0)).collect();
    let mut next = 0;
    while let Some(parent) = order.get(next).copied() {
        next += 1;
        for child in children.get(parent).into_iter().flatten() {
            if let Some(left) = waiting.get_mut(*child) {
                *left -= 1;
                if *left == 0 {
                    order.push(*child);
                }
            }
        }
    }
    order
}
