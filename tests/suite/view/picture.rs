//! The picture of the README is drawn by the program itself, so that it cannot grow old.
//! `KGLASS_PICTURE=draw` draws it anew.

use std::fmt::Write;

use kglass::config::Theme;
use kglass::escalation::Enforced;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::dump::drawn;
use super::fixture::{MINUTE, World};

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/glass-broken.svg");
const SIZE: (u16, u16) = (112, 22);
/// Of a cell, and of the edge around all of them.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 17.0;
const EDGE: f32 = 10.0;
/// Where a letter stands within its cell.
const BASE_LINE: f32 = 13.0;

#[test]
fn the_picture_of_the_readme_is_what_the_program_draws() {
    let mut world = World::with_pods(SIZE.0, SIZE.1);
    world.break_glass(Enforced::Server, MINUTE);
    world.press(&["down", "down", "ctrl-d"]);
    assert!(world.state.overlay.is_some(), "the question before one is deleted");
    let theme = Theme::built_in("dark").expect("shipped");
    let picture = svg(&drawn(&world.state, &theme).0);
    if std::env::var("KGLASS_PICTURE").as_deref() == Ok("draw") {
        std::fs::write(PICTURE, &picture).expect("the checkout can be written to");
    }
    let kept = std::fs::read_to_string(PICTURE).expect("the README has a picture");
    assert!(
        kept == picture,
        "docs/glass-broken.svg is no longer what is drawn; `KGLASS_PICTURE=draw` draws it anew"
    );
}

fn svg(buffer: &Buffer) -> String {
    let (width, height) = (f32::from(buffer.area.width), f32::from(buffer.area.height));
    let (width, height) = (width.mul_add(WIDTH, 2.0 * EDGE), height.mul_add(HEIGHT, 2.0 * EDGE));
    let ground = hex(buffer[(0, 2)].bg);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace,Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>\n\
         <g transform=\"translate({EDGE},{EDGE})\" xml:space=\"preserve\">\n"
    );
    for y in 0..buffer.area.height {
        for run in runs(buffer, y) {
            run.write(&mut svg, y, &ground);
        }
    }
    svg.push_str("</g></svg>\n");
    svg
}

/// Cells beside each other that look the same.
struct Run<'b> {
    x: u16,
    look: &'b Cell,
    text: String,
    cells: u16,
}

fn runs(buffer: &Buffer, y: u16) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for x in 0..buffer.area.width {
        let cell = &buffer[(x, y)];
        match runs.last_mut() {
            Some(run) if look(run.look) == look(cell) => {
                run.text.push_str(cell.symbol());
                run.cells += 1;
            }
            _ => runs.push(Run {
                x,
                look: cell,
                text: cell.symbol().to_owned(),
                cells: 1,
            }),
        }
    }
    runs
}

fn look(cell: &Cell) -> (Color, Color, Modifier) {
    (cell.fg, cell.bg, cell.modifier)
}

impl Run<'_> {
    fn write(&self, svg: &mut String, y: u16, ground: &str) {
        let (x, y) = (f32::from(self.x) * WIDTH, f32::from(y) * HEIGHT);
        let width = f32::from(self.cells) * WIDTH;
        let behind = hex(self.look.bg);
        if behind != ground {
            // A little more than its cells, or the ground shows through between them.
            let (width, height) = (width + 0.3, HEIGHT + 0.3);
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{behind}\"/>"
            );
        }
        if self.text.trim().is_empty() {
            return;
        }
        let (fill, y) = (hex(self.look.fg), y + BASE_LINE);
        let weight = if self.look.modifier.contains(Modifier::BOLD) {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let text = self.text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y}\" fill=\"{fill}\"{weight} textLength=\"{width:.1}\" \
             lengthAdjust=\"spacingAndGlyphs\">{text}</text>"
        );
    }
}

/// The theme that is drawn names all its colours.
fn hex(colour: Color) -> String {
    match colour {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Indexed(index) => indexed(index),
        other => panic!("{other:?} is another colour in each terminal"),
    }
}

/// xterm's own: a cube of six levels a channel, then a ramp of greys.
fn indexed(index: u8) -> String {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let (red, green, blue) = match index {
        16..=231 => {
            let cube = index - 16;
            (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232.. => [8 + 10 * (index - 232); 3].into(),
        _ => panic!("colour {index} is another one in each terminal"),
    };
    format!("#{red:02x}{green:02x}{blue:02x}")
}
