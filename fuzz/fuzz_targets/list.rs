#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| phusong_geodata::fuzzing::list(data));
