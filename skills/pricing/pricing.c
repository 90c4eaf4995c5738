/* The built-in pricing as a skill: what Hanse.Core.Decisions.BuiltInPricing says, bit for bit.
 *
 * Whole numbers only. Each product is taken in 128 bits and divided rounding towards zero, as there.
 * ABI: hanse:skill/1, docs/protocol/skills.md.
 */
#include <stdint.h>

typedef __int128 wide;

enum { MILLION = 1000000, WEAR_MAX = 2000000, SHAPE_MAX = 4 };

/* Losses are counted in parts of this. */
static const int64_t UNIT = 1000000000000;

/* The largest amount of credits there is, micro. */
static const int64_t MICRO_MAX = 1000000000000000;

enum field {
    COUNT, QUANTITY, LOT, PROPELLANT, PROPELLANT_PER_TONNE, WEAR_BEFORE, WEAR, SPARES_PER_LIFE, MINUTES,
    HOURLY_COST, TOLL, SHAPE, SCALE, REPLACEMENT, MARGIN,
    HOURLY_WORTH, FIELDS
};

static int64_t record[64];

__attribute__((export_name("hanse_skill_abi"))) int32_t abi(void) { return 1; }

__attribute__((export_name("hanse_input"))) void *input(uint32_t length) {
    return length <= sizeof record ? record : 0;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most) {
    return value < least ? least : value > most ? most : value;
}

/* a * b / c, rounded towards zero. A division of 128 bits takes ten times one of 64, so it is taken only where
 * the product does not fit. */
static wide scaled(wide a, int64_t b, int64_t c) {
    if (a > 0 && b > 0 && a <= INT64_MAX && __builtin_clzll((uint64_t)a) + __builtin_clzll((uint64_t)b) > 64)
        return (int64_t)a * b / c;
    return a * b / c;
}

/* What is worth so much a part, for an amount: rounded down. */
static int64_t for_part(int64_t price, int64_t amount, int64_t part) {
    return (int64_t)scaled(price, amount, part);
}

/* Losses to expect until a wear, in parts of UNIT: (wear / scale)^shape. */
static wide until(int64_t wear, int64_t shape, int64_t scale) {
    wide losses = UNIT;
    for (int64_t i = 0; i < shape; i++)
        losses = scaled(losses, clamp(wear, 0, WEAR_MAX), scale > 1 ? scale : 1);
    return losses;
}

static int64_t danger(const int64_t *trip) {
    int64_t shape = trip[SHAPE], scale = trip[SCALE];
    if (shape == 0)
        return 0;
    int64_t after = trip[WEAR_BEFORE] + trip[WEAR];
    after = after < WEAR_MAX ? after : WEAR_MAX;
    wide losses = until(after, shape, scale) - until(trip[WEAR_BEFORE], shape, scale);
    losses = losses < 0 ? 0 : losses > UNIT ? UNIT : losses;
    return (int64_t)scaled(losses, trip[REPLACEMENT], UNIT);
}

__attribute__((export_name("bid"))) int32_t bid(int64_t *trip) {
    if (trip[COUNT] < FIELDS - 1 || trip[QUANTITY] <= 0 || trip[LOT] <= 0 || trip[SHAPE] > SHAPE_MAX)
        return 0;
    int64_t cost = for_part(trip[PROPELLANT_PER_TONNE], trip[PROPELLANT], MILLION)
        + for_part(trip[SPARES_PER_LIFE], trip[WEAR], MILLION)
        + danger(trip)
        + trip[HOURLY_COST] * trip[MINUTES] / 60
        + trip[TOLL];
    wide worth = scaled(trip[HOURLY_WORTH], trip[MINUTES] > 0 ? trip[MINUTES] : 0, 60);
    worth = worth < MICRO_MAX ? worth : MICRO_MAX;
    wide asked = (wide)cost + for_part(cost, trip[MARGIN], MILLION) + worth;

    /* Rounded up, so that what is asked for a lot covers what is asked for all. */
    wide per_lot = asked * trip[LOT] + trip[QUANTITY] - 1;
    per_lot = scaled(per_lot, 1, trip[QUANTITY]);
    trip[0] = cost;
    trip[1] = per_lot > MICRO_MAX ? MICRO_MAX + 1 : (int64_t)per_lot;
    return 1;
}

__attribute__((export_name("selfcheck"))) int32_t selfcheck(void) {
    static const int64_t known[FIELDS] = {
        FIELDS - 1, 2000000, 1000000, 900000, 120000, 200000, 9000, 9000000, 4200, 2000, 1000, 3, 1500000,
        20000000, 80000, 500
    };
    int64_t trip[FIELDS];
    for (int i = 0; i < FIELDS; i++)
        trip[i] = known[i];
    return bid(trip) == 1 && trip[0] > 0 && trip[1] > 0 ? 0 : 1;
}
