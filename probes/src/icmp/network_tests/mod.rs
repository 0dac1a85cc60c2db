//! Real sockets in network namespaces of their own: what other programs send cannot disturb them.

mod errors;
mod floods;
mod forgeries;
mod isolation;
mod namespace;
mod responder;
mod rounds;
