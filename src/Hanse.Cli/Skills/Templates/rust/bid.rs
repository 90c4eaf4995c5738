//! @NAME@: prices a trip at its propellant, its hours and its toll, with the mission's margin.
//!
//! A trip is a list of whole numbers of 64 bits, lowest byte first: how many follow, and then these. New ones come
//! at the end, so go by the count and not by a length. Amounts of credits are in micro, shares in parts per million.
//! The answer takes their place: the cost of the trip, and what is asked for each lot.
#![no_std]

use core::cell::UnsafeCell;

const QUANTITY: usize = 1;
const LOT: usize = 2;
const PROPELLANT: usize = 3;
const PROPELLANT_PER_TONNE: usize = 4;
const MINUTES: usize = 8;
const HOURLY_COST: usize = 9;
const TOLL: usize = 10;
const MARGIN: usize = 14;

/// Where the host puts the trip. Every run begins in a fresh memory.
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

/// None when it is too large for 64 bits, or of a negative number.
fn product(a: i64, b: i64) -> Option<i64> {
    if a < 0 || b < 0 || (b > 0 && a > i64::MAX / b) { None } else { Some(a * b) }
}

fn price(trip: &[i64]) -> Option<(i64, i64)> {
    let quantity = trip[QUANTITY];
    if trip[0] < 14 || quantity <= 0 || trip[LOT] <= 0 || trip[TOLL] < 0 {
        return None;
    }
    let propellant = product(trip[PROPELLANT_PER_TONNE], trip[PROPELLANT])?;
    let hours = product(trip[HOURLY_COST], trip[MINUTES])?;
    let cost = propellant / 1_000_000 + hours / 60 + trip[TOLL];
    let margin = product(cost, trip[MARGIN])?;
    let all = product(cost + margin / 1_000_000, trip[LOT])?;

    // Rounded up, so that what is asked for a lot covers what is asked for all.
    Some((cost, all / quantity + if all % quantity > 0 { 1 } else { 0 }))
}

/// 1 when there is a price, 0 to abstain: the machine then makes no offer.
///
/// # Safety
/// There is a trip at `trip`, of at least 15 numbers.
#[no_mangle]
pub unsafe extern "C" fn bid(trip: *mut i64) -> i32 {
    match price(core::slice::from_raw_parts(trip, 15)) {
        Some((cost, per_lot)) => {
            *trip = cost;
            *trip.add(1) = per_lot;
            1
        }
        None => 0,
    }
}

/// 0 when all is in order: a host asks before it relies on a skill.
#[no_mangle]
pub extern "C" fn selfcheck() -> i32 {
    match price(&[14, 4, 2, 0, 0, 0, 0, 0, 60, 10, 0, 0, 0, 0, 0]) {
        Some((10, 5)) => 0,
        _ => 1,
    }
}
