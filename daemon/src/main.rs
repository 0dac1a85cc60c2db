//! The program `phusongd`; everything is in the library.
fn main() -> std::process::ExitCode {
    phusong_daemon::main()
}
