//! The line discipline: echo, backspace, ctrl-c, ctrl-d on a terminal; bare lines without one.

#[derive(Default)]
pub(super) struct Keyboard {
    line: Vec<u8>,
}

pub(super) enum Heard {
    Echo(Vec<u8>),
    Line(String),
    Interrupt,
    End,
}

impl Keyboard {
    pub fn take(&mut self, bytes: &[u8], tty: bool) -> Vec<Heard> {
        let mut heard = Vec::new();
        for &byte in bytes {
            if !tty {
                if byte == b'\n' {
                    heard.push(Heard::Line(self.rest()));
                } else {
                    self.line.push(byte);
                }
                continue;
            }
            heard.extend(self.key(byte));
        }
        heard
    }

    /// What was typed so far, taken.
    pub fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned()
    }

    fn key(&mut self, byte: u8) -> Vec<Heard> {
        match byte {
            b'\r' | b'\n' => vec![Heard::Echo(b"\r\n".to_vec()), Heard::Line(self.rest())],
            3 => {
                self.line.clear();
                vec![Heard::Interrupt]
            }
            4 if self.line.is_empty() => vec![Heard::End],
            0x7f | 8 => match self.line.pop() {
                Some(_) => vec![Heard::Echo(b"\x08 \x08".to_vec())],
                None => Vec::new(),
            },
            0x20.. => {
                self.line.push(byte);
                vec![Heard::Echo(vec![byte])]
            }
            _ => Vec::new(),
        }
    }
}
