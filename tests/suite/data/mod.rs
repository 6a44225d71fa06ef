//! Every shipped and every invalid data file, checked as a whole: the message text is what a
//! person with a broken file sees, so it is kept beside the file and compared word by word.

mod invalid;
mod layers;
mod shipped;
