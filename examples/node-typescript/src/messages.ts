// What a node and its hub say to each other: messages.cddl, as far as this node says or hears it.
import { bytes, large, list, type Of, record, rule, type Schema, whole } from "./cbor.js";

const id32 = whole(0, 0xffffffff);
const counter = large(0n, (1n << 63n) - 1n);
const count = whole(0, 0x7fffffff);
const grams = whole(0, 1e15);
const gramsPositive = whole(1, 1e15);
const credits = whole(0, 1e15); // Millionths of a credit.
const second = whole(0, 1e10); // Of mission time.
const milliseconds = whole(0, 315_360_000_000);
const share = whole(0, 1_000_000_000); // Millionths.
const reading = whole(-1e15, 1e15);
const upload = whole(0, 1_099_511_627_776);
const commodity = whole(1, 4);
const noBidReason = whole(0, 8);

export const Variable = { cargo: 1, propellant: 2, wear: 3, position: 4 };
export const WorkKind = { deliver: 1, survey: 2, build: 3, transport: 4, repair: 5 };
export const NoBid = { none: 0, leased: 1, noCapability: 2, noPropellant: 3, noTime: 4, noProfit: 5 };
export const Stage = { outbound: 1, extracting: 2, inbound: 3, unloading: 4 };
export const Release = { tooLate: 1, leased: 2, unable: 3, slipped: 4 };
export const CancelAnswer = { notHeld: 1, waiting: 2, stopped: 3, kept: 4 };
export const outcomes = ["", "settled", "expired", "released", "delivered late", "cancelled"];

type Before<T> = (a: T, b: T) => boolean;

function ordered<T>(most: number, of: Schema<T>, name: string, isBefore: Before<T>): Schema<T[]> {
    return rule(list(0, most, of), name, all => all.every((one, i) => i === 0 || isBefore(all[i - 1]!, one)));
}

const knot = record({ at: second, value: reading });

const track = record({
    variable: whole(1, 4),
    knots: rule(ordered(16, knot, "knots-ordered", (a, b) => a.at < b.at), "no knots", all => all.length > 0),
});

const plan = record({
    number: id32,
    contract: counter,
    arrives: second,
    tracks: ordered(4, track, "tracks-ordered", (a, b) => a.variable < b.variable),
});

const request = record({
    bounty: counter, commodity, depot: id32, open: gramsPositive, lot: gramsPositive, reserve: credits,
    deadline: second, kind: whole(1, 5), place: id32,
});

const crowd = record({
    place: whole(-0xffffffff, 0xffffffff), slot: id32, wait: whole(0, 2_592_000), perHour: credits,
});

const requests = record({
    cycle: id32,
    closes: second,
    requests: ordered(20, request, "requests-ordered", (a, b) => a.bounty < b.bounty),
    crowds: ordered(80, crowd, "crowds-ordered",
        (a, b) => a.place < b.place || a.place === b.place && a.slot < b.slot),
});

const step = record({ quantity: gramsPositive, pricePerLot: credits, arrives: second, sigma: milliseconds });

const bid = rule(record({
    bounty: counter,
    reason: noBidReason,
    steps: ordered(4, step, "steps-ordered", (a, b) => a.quantity < b.quantity),
}), "bid-complete", one => one.reason === NoBid.none ? one.steps.length > 0
    : one.steps.length <= (one.reason === NoBid.noProfit ? 1 : 0));

const named = { contract: counter, epoch: id32 };

const trial = record({
    shadowRuns: whole(0, 1000), divergence: share, probation: milliseconds,
    pulse: whole(60_000, 315_360_000_000),
});

const siteRatio = record({
    depot: id32, site: id32, commodity,
    ratio: rule(whole(0, 2_000_000), "ratio-credible", value => value === 0 || value >= 500_000),
});

const place = record({ request: counter, segment: id32, leaf: whole(0, 16383), block: whole(0, 63) });

// Bodies by their kinds: of what nodes say, what this one needs; of what hubs say to nodes, everything, since
// a frame with a kind that its receiver does not know is refused as a whole.
export const bodies = {
    // A node's.
    enrol: [1, record({ publicKey: bytes(32), class: count, generation: count, cargoMax: grams, plan })],
    bidSheet: [4, record({
        cycle: id32, blanket: noBidReason,
        bids: ordered(20, bid, "bids-ordered", (a, b) => a.bounty < b.bounty),
    })],
    awardAccepted: [6, record({
        ...named, milestones: list(0, 4, record({ stage: whole(1, 4), due: second })), plan,
    })],
    contractReleased: [7, record({ ...named, reason: whole(1, 4) })],
    planRevised: [8, record({ plan })],
    deviationReport: [9, record({
        plan: id32, deviations: list(0, 64, record({ variable: whole(1, 4), at: second, value: reading })),
    })],
    extensionAsked: [34, record({ ...named, due: second })],
    cancelAnswered: [37, record({ ...named, answer: whole(1, 4) })],

    // A hub's.
    enrolled: [2, record({ region: id32, epoch: id32, deadBands: list(4, 4, counter), accepted: counter })],
    requests: [3, requests],
    award: [5, record({ ...named, request, acceptBy: second, due: second })],
    contractClosed: [10, record({ ...named, outcome: whole(1, 5), weighed: grams, paid: credits })],
    returnAdmitted: [12, record({ blocks: counter, from: upload })],
    returnDeferred: [13, record({ blocks: counter, notBefore: second })],
    returnJudged: [15, record({
        blocks: counter, root: bytes(32), outcome: whole(1, 3),
        reasons: ordered(16, counter, "reasons-ordered", (a, b) => a < b), safe: counter,
    })],
    blocksAsked: [26, record({
        blocks: counter,
        places: rule(ordered(2, place, "places-ordered", (a, b) => a.request < b.request), "no places",
            all => all.length > 0),
    })],
    redirected: [32, record({ to: id32 })],
    extensionAnswered: [35, record({ ...named, due: second })],
    contractCancelled: [36, record(named)],
    sitesTold: [43, record({ ratios: list(0, 32, siteRatio) })],
    helpEnded: [46, record({ number: whole(1, 16_777_215), outcome: whole(1, 4), contract: counter })],
    pricedRequests: [49, record({ requests, hourWorth: credits })],
    skillOrder: [53, record({
        rollout: whole(1, 0xffffffff), at: second, function: whole(1, 3), abi: whole(1, 65535),
        release: bytes(32), length: whole(1, 1_048_576), isWithdrawn: whole(0, 1), until: second, trial,
    })],
    skillBytes: [56, record({ release: bytes(32), from: whole(0, 1_048_576), bytes: bytes(0, 3072) })],
    birthLeased: [59, record({
        asked: whole(1, 0xffffffff), reason: whole(0, 13), lease: counter, first: id32, count: whole(0, 16),
        class: count, generation: count, until: second,
    })],
    retirement: [60, record({ isOver: whole(0, 1) })],
} as const;

export type Name = keyof typeof bodies;
export type Body<N extends Name> = Of<(typeof bodies)[N][1]>;
export type Message = { [N in Name]: { name: N; body: Body<N> } }[Name];
export type Plan = Of<typeof plan>;
export type Request = Of<typeof request>;
export type Requests = Of<typeof requests>;
export type Bid = Of<typeof bid>;
