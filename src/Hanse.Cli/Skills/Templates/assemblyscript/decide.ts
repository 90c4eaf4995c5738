// @NAME@: is there enough?
//
// The question: two whole numbers of 64 bits, lowest byte first: what there is, and what is wanted.
// The answer: one such number, 1 when there is enough, else 0. It abstains when asked anything else.

// Where the host puts the question, and where the answer is. Every run begins in a fresh memory.
const ROOM_BYTES: u32 = 512;
const room: usize = memory.data(512, 8);

export function hanse_skill_abi(): i32 {
  return 1;
}

// The host asks where to put so many bytes; 0 says that there is no room for them.
export function hanse_input(length: u32): usize {
  return length <= ROOM_BYTES ? room : 0;
}

// The answer's place in the upper half and its length in the lower one; a negative number abstains.
export function decide(at: usize, length: u32): i64 {
  if (length != 16) return -1;
  const isEnough = load<i64>(at) >= load<i64>(at, 8);
  store<i64>(room, isEnough ? 1 : 0);
  return ((room as i64) << 32) | 8;
}

// 0 when all is in order: a host asks before it relies on a skill.
export function selfcheck(): i32 {
  store<i64>(room, 3);
  store<i64>(room, 2, 8);
  return decide(room, 16) > 0 && load<i64>(room) == 1 ? 0 : 1;
}
