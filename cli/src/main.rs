//! The program `phusong`; everything is in the library.
fn main() -> std::process::ExitCode {
    phusong_cli::main()
}
