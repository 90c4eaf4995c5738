// @NAME@: prices a trip at its propellant, its hours and its toll, with the mission's margin.
//
// A trip is a list of whole numbers of 64 bits, lowest byte first: how many follow, and then these. New ones come
// at the end, so go by the count and not by a length. Amounts of credits are in micro, shares in parts per million.
// The answer takes their place: the cost of the trip, and what is asked for each lot.

const QUANTITY: i32 = 1, LOT: i32 = 2, PROPELLANT: i32 = 3, PROPELLANT_PER_TONNE: i32 = 4, MINUTES: i32 = 8,
  HOURLY_COST: i32 = 9, TOLL: i32 = 10, MARGIN: i32 = 14;

// Where the host puts the trip. Every run begins in a fresh memory.
const ROOM_BYTES: u32 = 512;
const room: usize = memory.data(512, 8);

export function hanse_skill_abi(): i32 {
  return 1;
}

// The host asks where to put so many bytes; 0 says that there is no room for them.
export function hanse_input(length: u32): usize {
  return length <= ROOM_BYTES ? room : 0;
}

function field(at: usize, which: i32): i64 {
  return load<i64>(at + 8 * which);
}

// Negative when it is too large for 64 bits, or of a negative number.
function product(a: i64, b: i64): i64 {
  return a < 0 || b < 0 || (b > 0 && a > i64.MAX_VALUE / b) ? -1 : a * b;
}

// 1 when there is a price, 0 to abstain: the machine then makes no offer.
export function bid(at: usize): i32 {
  const quantity = field(at, QUANTITY);
  const toll = field(at, TOLL);
  if (field(at, 0) < 14 || quantity <= 0 || field(at, LOT) <= 0 || toll < 0) return 0;
  const propellant = product(field(at, PROPELLANT_PER_TONNE), field(at, PROPELLANT));
  const hours = product(field(at, HOURLY_COST), field(at, MINUTES));
  if (propellant < 0 || hours < 0) return 0;
  const cost = propellant / 1000000 + hours / 60 + toll;
  const margin = product(cost, field(at, MARGIN));
  if (margin < 0) return 0;
  const all = product(cost + margin / 1000000, field(at, LOT));
  if (all < 0) return 0;

  // Rounded up, so that what is asked for a lot covers what is asked for all.
  store<i64>(at, cost);
  store<i64>(at, all / quantity + (all % quantity > 0 ? 1 : 0), 8);
  return 1;
}

// 0 when all is in order: a host asks before it relies on a skill.
export function selfcheck(): i32 {
  memory.fill(room, 0, ROOM_BYTES);
  store<i64>(room, 14);
  store<i64>(room + 8 * QUANTITY, 4);
  store<i64>(room + 8 * LOT, 2);
  store<i64>(room + 8 * MINUTES, 60);
  store<i64>(room + 8 * HOURLY_COST, 10);
  return bid(room) == 1 && load<i64>(room) == 10 && load<i64>(room, 8) == 5 ? 0 : 1;
}
