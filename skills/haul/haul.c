/* In which order to serve the sites: out of the depot, to each site once, and back.
 *
 * The question, whole numbers of 64 bits, lowest byte first:
 *
 *   1 (the format), n sites (1 to 12), capacity, what is aboard at the start, when the machine starts, when it has to
 *   be back;
 *   for each site: what is loaded there (grams; negative when it is unloaded), when the site opens, the last minute at
 *   which service there may begin, how long service takes;
 *   (n + 1) times (n + 1) travel times, from place to place, row by row; place 0 is the depot.
 *
 * Masses are in grams, times in minutes. Whoever comes early waits. What is aboard is never below zero and never above
 * capacity. The answer: when the machine is back, 1 if no order is back earlier and else 0, the sites in their order from 1.
 * It abstains when the question is no such question, and when it finds no order that keeps all of it.
 *
 * Up to ten sites: dynamic programming over sets of sites (Held and Karp, 1962). The one thing that counts of a set and its
 * last site is the earliest end there, since whoever is early may wait; what is aboard follows from the set. Beyond that it
 * would take more steps than a decision has: then the best of several insertions, each bettered by turning stretches
 * around (2-opt) and by moving sites, until nothing helps.
 * ABI: hanse:skill/1, docs/protocol/skills.md.
 */
#include <stdint.h>

enum {
    SITES_MAX = 12, EXACT_MAX = 10, HEAD = 6, SITE = 4, PASSES_MAX = 24,
    NUMBERS_MAX = HEAD + SITE * SITES_MAX + (SITES_MAX + 1) * (SITES_MAX + 1)
};

static const int64_t GRAMS_MAX = 1000000000000000, MINUTES_MAX = 1000000000, LEG_MAX = 1000000;

static const int32_t NEVER = INT32_MAX;

static int64_t question[NUMBERS_MAX];
static int64_t answer[2 + SITES_MAX];

static int32_t count;
static int64_t change[SITES_MAX];
static int32_t opens[SITES_MAX], closes[SITES_MAX], service[SITES_MAX], leg[SITES_MAX + 1][SITES_MAX + 1];

static int32_t earliest[1 << EXACT_MAX][EXACT_MAX];
static uint8_t before[1 << EXACT_MAX][EXACT_MAX], fits[1 << EXACT_MAX];

__attribute__((export_name("hanse_skill_abi"))) int32_t abi(void) { return 1; }

__attribute__((export_name("hanse_input"))) void *input(uint32_t length) {
    return length <= sizeof question ? question : 0;
}

static int within(int64_t value, int64_t least, int64_t most) { return value >= least && value <= most; }

static int read(uint32_t length) {
    if (length < 8 * HEAD || question[0] != 1 || !within(question[1], 1, SITES_MAX))
        return 0;
    count = (int32_t)question[1];
    if (length != 8 * (uint32_t)(HEAD + SITE * count + (count + 1) * (count + 1))
        || !within(question[2], 0, GRAMS_MAX) || !within(question[3], 0, question[2])
        || !within(question[4], 0, MINUTES_MAX) || !within(question[5], 0, MINUTES_MAX))
        return 0;
    const int64_t *from = question + HEAD;
    for (int32_t i = 0; i < count; i++, from += SITE) {
        if (!within(from[0], -GRAMS_MAX, GRAMS_MAX) || !within(from[1], 0, MINUTES_MAX)
            || !within(from[2], 0, MINUTES_MAX) || !within(from[3], 0, LEG_MAX))
            return 0;
        change[i] = from[0];
        opens[i] = (int32_t)from[1];
        closes[i] = (int32_t)from[2];
        service[i] = (int32_t)from[3];
    }
    for (int32_t a = 0; a <= count; a++)
        for (int32_t b = 0; b <= count; b++, from++) {
            if (!within(*from, 0, LEG_MAX))
                return 0;
            leg[a][b] = (int32_t)*from;
        }
    return 1;
}

/* When service at a site ends for a machine that comes there then; NEVER when it comes too late. */
static int32_t ends(int32_t site, int32_t comes) {
    int32_t begins = comes > opens[site] ? comes : opens[site];
    return begins > closes[site] ? NEVER : begins + service[site];
}

static int exact(int32_t *order) {
    int32_t all = (1 << count) - 1;
    for (int32_t set = 0; set <= all; set++) {
        int64_t aboard = question[3];
        for (int32_t i = 0; i < count; i++) {
            aboard += set >> i & 1 ? change[i] : 0;
            earliest[set][i] = NEVER;
        }
        fits[set] = within(aboard, 0, question[2]);
    }
    for (int32_t i = 0; i < count; i++)
        if (fits[1 << i])
            earliest[1 << i][i] = ends(i, (int32_t)question[4] + leg[0][i + 1]);
    for (int32_t set = 1; set < all; set++)
        for (int32_t last = 0; last < count; last++) {
            int32_t now = earliest[set][last];
            if (now == NEVER)
                continue;
            for (int32_t next = 0; next < count; next++) {
                int32_t with = set | 1 << next;
                if (with == set || !fits[with])
                    continue;
                int32_t end = ends(next, now + leg[last + 1][next + 1]);
                if (end < earliest[with][next]) {
                    earliest[with][next] = end;
                    before[with][next] = (uint8_t)last;
                }
            }
        }
    int32_t best = NEVER, last = -1;
    for (int32_t i = 0; i < count; i++)
        if (earliest[all][i] != NEVER && earliest[all][i] + leg[i + 1][0] < best) {
            best = earliest[all][i] + leg[i + 1][0];
            last = i;
        }
    if (last < 0 || best > question[5])
        return 0;
    answer[0] = best;
    for (int32_t set = all, at = count - 1; at >= 0; at--) {
        order[at] = last;
        int32_t earlier = before[set][last];
        set &= ~(1 << last);
        last = earlier;
    }
    return 1;
}

/* What an order is worth: first how much of what has to be kept it does not keep, then when it is back. */
static int64_t worth(const int32_t *order, int32_t sites) {
    int64_t now = question[4], aboard = question[3], late = 0;
    int32_t place = 0;
    for (int32_t i = 0; i < sites; i++) {
        int32_t site = order[i];
        now += leg[place][site + 1];
        now = now > opens[site] ? now : opens[site];
        late += now > closes[site] ? now - closes[site] : 0;
        now += service[site];
        aboard += change[site];
        late += within(aboard, 0, question[2]) ? 0 : LEG_MAX;
        place = site + 1;
    }
    now += leg[place][0];
    late += now > question[5] ? now - question[5] : 0;
    return (late << 31) + now;
}

static void move(int32_t *order, int32_t from, int32_t to) {
    int32_t site = order[from];
    for (; from < to; from++)
        order[from] = order[from + 1];
    for (; from > to; from--)
        order[from] = order[from - 1];
    order[to] = site;
}

static void turn(int32_t *order, int32_t first, int32_t last) {
    for (; first < last; first++, last--) {
        int32_t site = order[first];
        order[first] = order[last];
        order[last] = site;
    }
}

static int64_t bettered(int32_t *order) {
    int64_t best = worth(order, count);
    for (int32_t pass = 0, found = 1; found && pass < PASSES_MAX; pass++) {
        found = 0;
        for (int32_t a = 0; a < count; a++)
            for (int32_t b = 0; b < count; b++) {
                if (a == b)
                    continue;
                move(order, a, b);
                int64_t moved = worth(order, count);
                if (moved < best) {
                    best = moved;
                    found = 1;
                } else
                    move(order, b, a);
                if (a > b)
                    continue;
                turn(order, a, b);
                int64_t turned = worth(order, count);
                if (turned < best) {
                    best = turned;
                    found = 1;
                } else
                    turn(order, a, b);
            }
    }
    return best;
}

/* Which sites come first into an order: those that close early, those that are far, those that open early, as given. */
static int64_t urgency(int32_t site, int32_t rule) {
    return rule == 0 ? closes[site] : rule == 1 ? -leg[0][site + 1] : rule == 2 ? opens[site] : site;
}

static int heuristic(int32_t *order) {
    int64_t best = INT64_MAX;
    for (int32_t rule = 0; rule < 4; rule++) {
        int32_t found[SITES_MAX], is_in[SITES_MAX];
        for (int32_t i = 0; i < count; i++)
            is_in[i] = 0;
        for (int32_t sites = 0; sites < count; sites++) {
            int32_t next = -1;
            for (int32_t i = 0; i < count; i++)
                if (!is_in[i] && (next < 0 || urgency(i, rule) < urgency(next, rule)))
                    next = i;
            is_in[next] = 1;
            found[sites] = next;
            int32_t place = sites;
            int64_t least = worth(found, sites + 1);
            for (int32_t at = sites - 1; at >= 0; at--) {
                move(found, at + 1, at);
                int64_t here = worth(found, sites + 1);
                if (here < least) {
                    least = here;
                    place = at;
                }
            }
            move(found, 0, place);
        }
        int64_t reached = bettered(found);
        if (reached < best) {
            best = reached;
            for (int32_t i = 0; i < count; i++)
                order[i] = found[i];
        }
    }
    answer[0] = best;
    return best < (int64_t)1 << 31;
}

__attribute__((export_name("decide"))) int64_t decide(const int64_t *asked, uint32_t length) {
    int32_t order[SITES_MAX];
    if (asked != question || !read(length) || !(count <= EXACT_MAX ? exact(order) : heuristic(order)))
        return -1;
    answer[1] = count <= EXACT_MAX;
    for (int32_t i = 0; i < count; i++)
        answer[2 + i] = order[i] + 1;
    return (int64_t)(uintptr_t)answer << 32 | 8 * (2 + count);
}

__attribute__((export_name("selfcheck"))) int32_t selfcheck(void) {
    /* The second site closes at minute 5, so it comes first. */
    static const int64_t known[] = {
        1, 2, 10, 0, 0, 100, 4, 0, 50, 1, 5, 0, 5, 2, 0, 3, 4, 3, 0, 5, 4, 5, 0
    };
    for (uint32_t i = 0; i < sizeof known / sizeof *known; i++)
        question[i] = known[i];
    return decide(question, sizeof known) > 0 && answer[0] == 15 && answer[2] == 2 && answer[3] == 1 ? 0 : 1;
}
