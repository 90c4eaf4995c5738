/* @NAME@: prices a trip at its propellant, its hours and its toll, with the mission's margin.
 *
 * A trip is a list of whole numbers of 64 bits, lowest byte first: how many follow, and then these. New ones
 * come at the end, so go by the count and not by a length. Amounts of credits are in micro, shares in parts per
 * million. The answer takes their place: the cost of the trip, and what is asked for each lot.
 */
#include <stdint.h>

enum field {
    COUNT, QUANTITY, LOT, PROPELLANT, PROPELLANT_PER_TONNE, WEAR_BEFORE, WEAR, SPARES_PER_LIFE, MINUTES,
    HOURLY_COST, TOLL, SHAPE, SCALE, REPLACEMENT, MARGIN, FIELDS
};

/* Where the host puts the trip. Every run begins in a fresh memory. */
static int64_t room[64];

__attribute__((export_name("hanse_skill_abi"))) int32_t abi(void) { return 1; }

/* The host asks where to put so many bytes; 0 says that there is no room for them. */
__attribute__((export_name("hanse_input"))) void *input(uint32_t length) {
    return length <= sizeof room ? room : 0;
}

/* Negative when it is too large for 64 bits, or of a negative number. */
static int64_t product(int64_t a, int64_t b) {
    return a < 0 || b < 0 || (b > 0 && a > INT64_MAX / b) ? -1 : a * b;
}

/* 1 when there is a price, 0 to abstain: the machine then makes no offer. */
__attribute__((export_name("bid"))) int32_t bid(int64_t *trip) {
    if (trip[COUNT] < FIELDS - 1 || trip[QUANTITY] <= 0 || trip[LOT] <= 0 || trip[TOLL] < 0)
        return 0;
    int64_t propellant = product(trip[PROPELLANT_PER_TONNE], trip[PROPELLANT]);
    int64_t hours = product(trip[HOURLY_COST], trip[MINUTES]);
    if (propellant < 0 || hours < 0)
        return 0;
    int64_t cost = propellant / 1000000 + hours / 60 + trip[TOLL];
    int64_t margin = product(cost, trip[MARGIN]);
    if (margin < 0)
        return 0;
    int64_t all = product(cost + margin / 1000000, trip[LOT]);
    if (all < 0)
        return 0;

    /* Rounded up, so that what is asked for a lot covers what is asked for all. */
    int64_t quantity = trip[QUANTITY];
    trip[0] = cost;
    trip[1] = all / quantity + (all % quantity > 0 ? 1 : 0);
    return 1;
}

/* 0 when all is in order: a host asks before it relies on a skill. */
__attribute__((export_name("selfcheck"))) int32_t selfcheck(void) {
    static int64_t trip[FIELDS] = { FIELDS - 1, 4, 2, 0, 0, 0, 0, 0, 60, 10, 0, 0, 0, 0, 0 };
    return bid(trip) == 1 && trip[0] == 10 && trip[1] == 5 ? 0 : 1;
}
