//! A streamed body as lines. Safe to cancel between and within lines: what has arrived is kept.

use http_body_util::BodyExt;
use kube::client::Body;

use super::connect::trouble;
use super::fault::Fault;

pub(super) struct Lines {
    body: Body,
    held: Vec<u8>,
    /// Where the next line starts in `held`.
    start: usize,
    /// Bytes of `held` that are known to hold no line end.
    searched: usize,
    /// A line that grows longer is handed out in pieces.
    longest: usize,
    ended: bool,
}

impl Lines {
    pub fn new(body: Body, longest: usize) -> Self {
        Self {
            body,
            held: Vec::new(),
            start: 0,
            searched: 0,
            longest,
            ended: false,
        }
    }

    /// The next line without its end; None when the stream has ended.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            if let Some(line) = self.held_line() {
                return Ok(Some(line));
            }
            if self.ended {
                let rest = self.held.split_off(self.start);
                self.held.clear();
                (self.start, self.searched) = (0, 0);
                return Ok((!rest.is_empty()).then_some(rest));
            }
            match self.body.frame().await {
                None => self.ended = true,
                Some(Ok(frame)) => self.add(frame.data_ref().map_or(&[], |data| data)),
                Some(Err(error)) => return Err(Fault::Trouble(trouble(&error))),
            }
        }
    }

    fn add(&mut self, data: &[u8]) {
        if self.start > 0 {
            self.held.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        self.held.extend_from_slice(data);
    }

    /// A line that is there already; never waits.
    pub fn held_line(&mut self) -> Option<Vec<u8>> {
        let found = self.held[self.searched..].iter().position(|b| *b == b'\n');
        let (end, next) = match found {
            Some(at) => (self.searched + at, self.searched + at + 1),
            None if self.held.len() - self.start >= self.longest => (self.held.len(), self.held.len()),
            None => {
                self.searched = self.held.len();
                return None;
            }
        };
        let line = self.held[self.start..end].to_vec();
        self.start = next;
        self.searched = next;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(text: &str, longest: usize) -> Vec<String> {
        let mut lines = Lines::new(Body::from(text.as_bytes().to_vec()), longest);
        let mut all = Vec::new();
        while let Ok(Some(line)) = lines.next().await {
            all.push(String::from_utf8(line).unwrap());
        }
        assert!(matches!(lines.next().await, Ok(None)), "it stays at its end");
        all
    }

    #[tokio::test]
    async fn lines_come_without_their_ends_and_the_last_may_have_none() {
        assert_eq!(lines("one\n\ntwo\nrest", 100).await, ["one", "", "two", "rest"]);
        assert_eq!(lines("one\n", 100).await, ["one"]);
        assert!(lines("", 100).await.is_empty());
    }

    #[tokio::test]
    async fn endless_lines_come_in_pieces() {
        let all = lines(&"x".repeat(25), 10).await;
        assert_eq!(all.concat().len(), 25);
    }
}
