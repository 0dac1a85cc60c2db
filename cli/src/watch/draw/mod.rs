//! Draws the screen.

mod look;
mod panes;

use ratatui::{Frame, buffer::Buffer, layout::Rect};

use super::{
    bars,
    layout::{Layout, Pane},
    state::{Mode, Watch},
};
pub use look::Look;

/// Draws the screen as it is.
pub fn draw(frame: &mut Frame<'_>, watch: &Watch, look: Look) {
    let area = frame.area();
    // Between the news of another size and this frame the terminal may have changed again.
    let resized;
    let watch = if watch.size == (area.width, area.height) {
        watch
    } else {
        resized = Watch { size: (area.width, area.height), ..watch.clone() };
        &resized
    };
    let layout = Layout::of(watch);
    let buffer = frame.buffer_mut();
    lines(buffer, layout.head, &bars::head(watch), look);
    if let Some(lack) = layout.lack {
        lines(buffer, lack, &bars::lack(watch), look);
    }
    if watch.mode == Mode::Help {
        help(buffer, &layout, watch, look);
    } else {
        for (pane, area) in &layout.panes {
            match pane {
                Pane::Events => panes::events(buffer, *area, watch, look),
                Pane::Places => panes::places(buffer, *area, watch, layout.cells, look),
                Pane::Detail => panes::detail(buffer, *area, watch, look),
            }
        }
    }
    let foot = bars::foot(watch);
    // What is typed stands last, and is what must be seen.
    let cut = foot.len().saturating_sub(usize::from(layout.foot.height));
    lines(buffer, layout.foot, foot.get(cut..).unwrap_or_default(), look);
    look.finish(buffer);
    if matches!(&watch.mode, Mode::Filtering { .. } | Mode::Noting(_)) && layout.foot.height > 0 {
        let typed = foot.last().map_or(0, |line| look.line(line).width());
        let x = u16::try_from(typed).unwrap_or(u16::MAX).min(layout.foot.width.saturating_sub(1));
        frame.set_cursor_position((x, layout.foot.bottom() - 1));
    }
}

/// The explanations in place of the panes.
fn help(buffer: &mut Buffer, layout: &Layout, watch: &Watch, look: Look) {
    let areas = layout.panes.iter().map(|(_, area)| *area);
    if let Some(area) = areas.reduce(|all, area| all.union(area)) {
        lines(buffer, area, &bars::help(watch.lang, usize::from(area.width)), look);
    }
}

/// Lines, one below the other, as far as there is room.
fn lines(buffer: &mut Buffer, area: Rect, lines: &[String], look: Look) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        buffer.set_line(area.x, y, &look.line(line), area.width);
    }
}
