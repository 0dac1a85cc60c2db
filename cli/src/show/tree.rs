//! `phusong topology tree`: what hangs on what, drawn with lines; branches where all is well are folded into a count.

use std::collections::{HashMap, HashSet};

use phusong_model::{
    Carrier, LinkState,
    answer::{TreeBody, TreeNode},
    glossary::{self, Term, sign},
};

use super::{View, flow, links, topology::node_line};
use crate::paint::Tone;

/// Steps that are indented; what hangs deeper stands below with its depth before it. A screen of 80 columns keeps room for
/// the words.
const DEEPEST: usize = 10;

/// Nodes by what they hang on.
struct Tree<'a> {
    nodes: &'a [TreeNode],
    children: Vec<Vec<usize>>,
    roots: Vec<usize>,
    all: bool,
}

/// What is still to be drawn.
enum Next {
    /// A node at a depth, before whose line this stands, and before those of its children that.
    Node { at: usize, depth: usize, before: String, below: String },
    /// Branches where all is well.
    Folded { branches: Vec<usize>, before: String },
}

pub fn lines(body: &TreeBody, view: &View) -> Vec<String> {
    let tree = Tree::of(body);
    let mut lines = view.facts(links::summary_of(body.links, view));
    lines.extend(tree.draw(view));
    let folded = !body.all && body.nodes.iter().any(|node| !node.troubled);
    if folded {
        let hint =
            view.lang.of(("mọi nhánh: phusong topology tree --all", "every branch: phusong topology tree --all"));
        let hint = flow(hint.split(' '), " ", 2, view.width);
        lines.extend(hint.into_iter().map(|line| view.paint.apply(Tone::Faint, &line)));
    }
    lines
}

impl<'a> Tree<'a> {
    fn of(body: &'a TreeBody) -> Self {
        let nodes = &body.nodes;
        let index: HashMap<&Carrier, usize> =
            nodes.iter().enumerate().map(|(at, node)| (&node.item.node, at)).collect();
        let mut children = vec![Vec::new(); nodes.len()];
        let mut roots = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            let carriers: Vec<usize> = node.carriers.iter().filter_map(|carrier| index.get(carrier).copied()).collect();
            if carriers.is_empty() {
                roots.push(at);
            }
            for carrier in carriers {
                if let Some(carried) = children.get_mut(carrier) {
                    carried.push(at);
                }
            }
        }
        Self { nodes, children, roots, all: body.all }
    }

    fn draw(&self, view: &View) -> Vec<String> {
        let (mut lines, mut shown) = (Vec::new(), HashSet::new());
        // What hangs on nothing and carries nothing is no part of any tree: on a bad night there are hundreds of them.
        let (alone, roots): (Vec<usize>, Vec<usize>) =
            self.roots.iter().partition(|at| !self.all && self.is_alone(**at));
        self.draw_from(&roots, &mut shown, &mut lines, view);
        lines.extend(self.alone(&alone, view));
        // What carries itself hangs on no root.
        let circles = (0..self.nodes.len()).filter(|at| self.nodes.get(*at).is_some_and(|node| node.circle));
        for at in circles {
            if !shown.contains(&at) {
                self.draw_from(&[at], &mut shown, &mut lines, view);
            }
        }
        lines
    }

    /// A site or a device of which nobody says what carries it, and which carries nothing.
    fn is_alone(&self, at: usize) -> bool {
        let carries = self.children.get(at).is_some_and(|children| !children.is_empty());
        !carries && self.nodes.get(at).is_some_and(|node| node.item.node.link().is_none())
    }

    fn alone(&self, alone: &[usize], view: &View) -> Vec<String> {
        let states = || alone.iter().filter_map(|at| self.nodes.get(*at)).map(|node| node.item.state);
        let by_state = LinkState::ALL.into_iter().filter_map(|state| {
            let number = states().filter(|one| *one == Some(state)).count() as u64;
            let number = (number > 0).then(|| glossary::integer(view.lang, number));
            number.map(|number| format!("{number} {} {}", sign(state), state.term(view.lang)))
        });
        let head = view.lang.of(("Điểm, trạm chưa khai báo đường truyền", "Sites that nobody says what carries"));
        let total = format!("{head}: {}", glossary::integer(view.lang, alone.len() as u64));
        if alone.is_empty() { Vec::new() } else { view.facts(std::iter::once(total).chain(by_state)) }
    }

    fn draw_from(&self, roots: &[usize], shown: &mut HashSet<usize>, lines: &mut Vec<String>, view: &View) {
        let mut next = self.branches(roots, 0, "");
        // From the root to the node before: a node that comes again below itself is a circle.
        let mut way: Vec<usize> = Vec::new();
        let mut counted: HashSet<usize> = HashSet::new();
        while let Some(step) = next.pop() {
            match step {
                Next::Folded { branches, before } => lines.push(self.folded(&branches, &before, &mut counted, view)),
                Next::Node { at, depth, before, below } => {
                    let Some(node) = self.nodes.get(at) else { continue };
                    way.truncate(depth);
                    let (circle, again) = (way.contains(&at), !shown.insert(at));
                    let before = if depth > DEEPEST { format!("{before}({depth}) ") } else { before };
                    lines.push(node_line(&before, &node.item, &marks(node, circle, again, view), view));
                    way.push(at);
                    if !again {
                        let carried = self.children.get(at).map_or(&[][..], Vec::as_slice);
                        next.extend(self.branches(carried, depth + 1, &below));
                    }
                }
            }
        }
    }

    /// What hangs side by side, the last first, as it is taken from a stack.
    fn branches(&self, nodes: &[usize], depth: usize, before: &str) -> Vec<Next> {
        let is_told = |at: &&usize| self.all || self.nodes.get(**at).is_some_and(|node| node.troubled || node.circle);
        let (told, folded): (Vec<&usize>, Vec<&usize>) = nodes.iter().partition(is_told);
        let branches: Vec<usize> = folded.into_iter().copied().collect();
        let last = if branches.is_empty() { told.len().checked_sub(1) } else { None };
        let (corner, tee, none, line) =
            if depth == 0 { ("", "", "", "") } else { ("└─ ", "├─ ", "   ", "│  ") };
        let deep = depth > DEEPEST;
        let mut next = Vec::with_capacity(told.len() + 1);
        if !branches.is_empty() {
            let before = if deep { before.to_owned() } else { format!("{before}{corner}") };
            next.push(Next::Folded { branches, before });
        }
        for (place, at) in told.into_iter().enumerate().rev() {
            let (own, passed) = if last == Some(place) { (corner, none) } else { (tee, line) };
            let joined = |end: &str| if deep { before.to_owned() } else { format!("{before}{end}") };
            next.push(Next::Node { at: *at, depth, before: joined(own), below: joined(passed) });
        }
        next
    }

    /// How many branches are well, and what hangs on them that no line above has counted.
    fn folded(&self, branches: &[usize], before: &str, counted: &mut HashSet<usize>, view: &View) -> String {
        let mut met: Vec<usize> = branches.iter().copied().filter(|branch| counted.insert(*branch)).collect();
        let mut next = met.clone();
        while let Some(at) = next.pop() {
            let carried = self.children.get(at).map_or(&[][..], Vec::as_slice);
            let new: Vec<usize> = carried.iter().copied().filter(|child| counted.insert(*child)).collect();
            met.extend(&new);
            next.extend(new);
        }
        let links =
            met.iter().filter_map(|at| self.nodes.get(*at)).filter(|node| node.item.node.link().is_some()).count();
        let count = |number: usize| glossary::integer(view.lang, number as u64);
        let (number, links, others) = (count(branches.len()), count(links), count(met.len() - links));
        let text = view.lang.pick(
            format!("{number} nhánh không có gì bất thường ({links} tuyến, {others} điểm, thiết bị)"),
            format!("branches with nothing amiss: {number} (links {links}, sites and devices {others})"),
        );
        let line = format!("{before}{} {text}", sign(LinkState::Up));
        view.paint.apply(Tone::Faint, &crate::table::clip(&line, view.width))
    }
}

/// A node that hangs on several says so wherever it stands; what hangs on it is drawn once.
fn marks(node: &TreeNode, circle: bool, again: bool, view: &View) -> Vec<String> {
    let lang = view.lang;
    let several = (node.carriers.len() > 1).then(|| {
        let carriers = node.carriers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let number = glossary::integer(lang, node.carriers.len() as u64);
        lang.pick(format!("{number} đường: {carriers}"), format!("{number} ways: {carriers}"))
    });
    let mark = match (circle, again) {
        (true, _) => Some(lang.of(("↻ vòng lặp", "↻ circle"))),
        (false, true) => Some(lang.of(("đã nêu ở trên", "see above"))),
        (false, false) => None,
    };
    // What matters most comes first where a line is cut.
    mark.map(str::to_owned).into_iter().chain(several).collect()
}
