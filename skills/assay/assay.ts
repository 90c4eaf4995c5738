// Dig here, leave it, or measure again?
//
// The question, whole numbers of 64 bits, lowest byte first:
//
//   1 (the format), ore that is planned, room aboard, metal that is wanted (grams); what a tonne of the metal is worth,
//   what a tonne of ore costs to dig, carry and refine (micro-credits); how much of the metal the refinery gets out (parts
//   per million); how sure to be (thousandths of a sigma); how many more readings may be taken; n readings (0 to 64);
//   for each reading: the grade and its sigma (parts per million of the ore).
//
// The answer: 1 to dig, 2 to leave it, 3 to measure again; ore to dig (grams), or readings to take; the grade and its
// sigma, the grade at which digging pays; readings that were believed; 1 if it is as sure as was asked, else 0.
// It abstains when asked anything else.
//
// Readings that lie three sigma off the median are not believed; a sigma there is the reading's own or that of the
// scatter, by the median of the deviations, whichever is larger. The others are fused, each by the inverse of its variance.
// When they scatter more than their sigmas say, the sigma of the whole grows by as much (Birge's ratio). It digs when
// the grade, less so many sigma, still pays; it leaves when the grade, and so many sigma more, does not. In between it asks for
// as many readings as would settle it, if it may have them, and else goes by the grade alone.
//
// Only + - * / and the square root of floating-point numbers, which are the same everywhere.
// ABI: hanse:skill/1, docs/protocol/skills.md.

const READINGS_MAX: i32 = 64;
const READINGS_MIN: i32 = 3;
const HEAD: i32 = 10;
const ROOM_BYTES: u32 = 8 * (10 + 2 * 64);
const LARGEST: i64 = 1000000000000000;
const MILLION: i64 = 1000000;

const DIG: i64 = 1;
const LEAVE: i64 = 2;
const MEASURE: i64 = 3;

const room: usize = memory.data(1104, 8);
const answer: usize = memory.data(56, 8);
const sorted: usize = memory.data(512, 8);

export function hanse_skill_abi(): i32 {
  return 1;
}

export function hanse_input(length: u32): usize {
  return length <= ROOM_BYTES ? room : 0;
}

function number(at: usize, which: i32): i64 {
  return load<i64>(at + 8 * which);
}

function grade(at: usize, reading: i32): f64 {
  return <f64>number(at, HEAD + 2 * reading);
}

function sigma(at: usize, reading: i32): f64 {
  return <f64>number(at, HEAD + 2 * reading + 1);
}

function within(at: usize, which: i32, least: i64, most: i64): bool {
  const value = number(at, which);
  return value >= least && value <= most;
}

// Whether what is there is a question.
function isSound(at: usize, length: u32): bool {
  if (length < 80 || number(at, 0) != 1 || !within(at, 9, 0, READINGS_MAX)) return false;
  const readings = <i32>number(at, 9);
  if (length != 8 * (HEAD + 2 * readings)) return false;
  for (let i = 1; i <= 3; i++) if (!within(at, i, 0, LARGEST)) return false;
  if (!within(at, 4, 1, LARGEST) || !within(at, 5, 0, LARGEST) || !within(at, 6, 1, MILLION)) return false;
  if (!within(at, 7, 0, 10000) || !within(at, 8, 0, 1000)) return false;
  for (let i = 0; i < readings; i++) {
    if (!within(at, HEAD + 2 * i, 0, MILLION) || !within(at, HEAD + 2 * i + 1, 1, MILLION)) return false;
  }
  return true;
}

// Puts a value among those that are sorted.
function insert(value: f64, count: i32): void {
  let at = count;
  for (; at > 0 && load<f64>(sorted + 8 * (at - 1)) > value; at--) {
    store<f64>(sorted + 8 * at, load<f64>(sorted + 8 * (at - 1)));
  }
  store<f64>(sorted + 8 * at, value);
}

function median(count: i32): f64 {
  const upper = load<f64>(sorted + 8 * (count >> 1));
  return (count & 1) != 0 ? upper : (load<f64>(sorted + 8 * ((count >> 1) - 1)) + upper) / 2;
}

// Whether a reading is believed: of less than three, each is.
function isBelieved(at: usize, reading: i32, middle: f64, scatter: f64): bool {
  return number(at, 9) < READINGS_MIN
    || Math.abs(grade(at, reading) - middle) <= 3 * Math.max(scatter, sigma(at, reading));
}

function weight(at: usize, reading: i32): f64 {
  return 1 / (sigma(at, reading) * sigma(at, reading));
}

function say(action: i64, amount: f64, mean: f64, deviation: f64, pays: f64, kept: i32, isSure: bool): i64 {
  store<i64>(answer, action);
  store<i64>(answer, <i64>amount, 8);
  store<i64>(answer, <i64>Math.floor(mean + 0.5), 16);
  store<i64>(answer, <i64>Math.ceil(deviation), 24);
  store<i64>(answer, <i64>Math.ceil(Math.min(pays, 1e9)), 32);
  store<i64>(answer, kept, 40);
  store<i64>(answer, isSure ? 1 : 0, 48);
  return ((answer as i64) << 32) | 56;
}

export function decide(at: usize, length: u32): i64 {
  if (!isSound(at, length)) return -1;
  const readings = <i32>number(at, 9);
  const more = <f64>number(at, 8);
  const recovery = <f64>number(at, 6);
  const pays = <f64>number(at, 5) * 1e12 / (<f64>number(at, 4) * recovery);
  if (readings == 0) {
    return more > 0
      ? say(MEASURE, Math.min(more, READINGS_MIN), 0, 0, pays, 0, false)
      : say(LEAVE, 0, 0, 0, pays, 0, false);
  }

  for (let i = 0; i < readings; i++) insert(grade(at, i), i);
  const middle = median(readings);
  for (let i = 0; i < readings; i++) insert(Math.abs(grade(at, i) - middle), i);
  const scatter = 1.4826 * median(readings);

  let weights: f64 = 0;
  let mean: f64 = 0;
  let kept = 0;
  for (let i = 0; i < readings; i++) {
    if (!isBelieved(at, i, middle, scatter)) continue;
    weights += weight(at, i);
    mean += weight(at, i) * grade(at, i);
    kept++;
  }

  // At least half of the readings lie within the median of the deviations, so some are always believed.
  mean /= weights;
  let misfit: f64 = 0;
  for (let i = 0; i < readings; i++) {
    const off = grade(at, i) - mean;
    if (isBelieved(at, i, middle, scatter)) misfit += off * off * weight(at, i);
  }

  const ratio = kept > 1 ? misfit / <f64>(kept - 1) : 1;
  const deviation = Math.sqrt(Math.max(1, ratio) / weights);
  const doubt = <f64>number(at, 7) / 1000 * deviation;
  const isRich = mean - doubt >= pays;
  const isPoor = mean + doubt < pays;
  if (kept < READINGS_MIN && more > 0) {
    return say(MEASURE, Math.min(more, READINGS_MIN - kept), mean, deviation, pays, kept, false);
  }

  if (!isRich && !isPoor && mean != pays) {
    const toGo = doubt / (mean - pays);
    const lacking = Math.max(1, Math.ceil(<f64>kept * toGo * toGo) - <f64>kept);
    if (lacking <= more) return say(MEASURE, lacking, mean, deviation, pays, kept, false);
  }

  const isSure = isRich || isPoor;
  const amount = isPoor || mean < pays ? 0 : ore(at, isRich ? Math.max(pays, mean - doubt) : mean, recovery);
  return say(amount > 0 ? DIG : LEAVE, amount, mean, deviation, pays, kept, isSure);
}

// Ore that has the metal that is wanted in it, by this grade; at most what is planned, and what there is room for.
function ore(at: usize, by: f64, recovery: f64): f64 {
  const most = <f64>min(number(at, 1), number(at, 2));
  if (by <= 0) return 0;
  return Math.min(most, Math.ceil(<f64>number(at, 3) * 1e12 / (by * recovery)));
}

export function selfcheck(): i32 {
  // Five readings of five parts of a hundred where one pays, and one of nothing at all.
  const known: StaticArray<i64> = [
    1, 1000000, 2000000, 10000, 1000000, 10000, 1000000, 2000, 0, 6,
    50000, 1000, 50000, 1000, 50000, 1000, 50000, 1000, 50000, 1000, 0, 1000,
  ];
  for (let i = 0; i < known.length; i++) store<i64>(room + 8 * i, known[i]);
  return decide(room, 8 * known.length) > 0 && load<i64>(answer) == DIG && load<i64>(answer, 40) == 5 ? 0 : 1;
}
