//! @NAME@: is there enough?
//!
//! The question: two whole numbers of 64 bits, lowest byte first: what there is, and what is wanted.
//! The answer: one such number, 1 when there is enough, else 0. It abstains when asked anything else.
#![no_std]

use core::cell::UnsafeCell;

/// Where the host puts the question, and where the answer is. Every run begins in a fresh memory.
#[repr(C, align(8))]
struct Room(UnsafeCell<[i64; 64]>);

// A skill has one thread.
unsafe impl Sync for Room {}

static ROOM: Room = Room(UnsafeCell::new([0; 64]));

#[panic_handler]
fn panicked(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

#[no_mangle]
pub extern "C" fn hanse_skill_abi() -> i32 {
    1
}

/// The host asks where to put so many bytes; 0 says that there is no room for them.
#[no_mangle]
pub extern "C" fn hanse_input(length: u32) -> usize {
    if length as usize <= core::mem::size_of::<Room>() { ROOM.0.get() as usize } else { 0 }
}

/// The answer's place in the upper half and its length in the lower one; a negative number abstains.
///
/// # Safety
/// There is a question of so many bytes at `question`.
#[no_mangle]
pub unsafe extern "C" fn decide(question: *const i64, length: u32) -> i64 {
    if length != 16 {
        return -1;
    }
    let is_enough = *question >= *question.add(1);
    let answer = ROOM.0.get() as *mut i64;
    *answer = if is_enough { 1 } else { 0 };
    (answer as i64) << 32 | 8
}

/// 0 when all is in order: a host asks before it relies on a skill.
#[no_mangle]
pub extern "C" fn selfcheck() -> i32 {
    let known: [i64; 2] = [3, 2];
    unsafe {
        if decide(known.as_ptr(), 16) > 0 && (*ROOM.0.get())[0] == 1 { 0 } else { 1 }
    }
}
