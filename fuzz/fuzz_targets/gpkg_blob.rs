#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| phusong_geodata::fuzzing::gpkg_blob(data));
