// links.md: what is lost comes again, what comes twice counts once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFrame, encodeFrame, type Frame, hub, machine, seal, unseal } from "../src/frame.js";
import { Link } from "../src/link.js";

const closing = (contract: bigint) =>
    seal("contractClosed", { contract, epoch: 1, outcome: 1, weighed: 5, paid: 6 });

function answer(some: Partial<Frame>): Uint8Array {
    return encodeFrame({
        from: hub(4), to: machine(7), hail: false, floor: 1n, ackThrough: 0n, ackBeyond: [], envelopes: [],
        ...some,
    });
}

function said(link: Link): bigint[] {
    return decodeFrame(link.frame()).envelopes.map(one => one.sequence);
}

test("what is said is repeated until it is acknowledged", () => {
    const link = new Link(7, 4);
    for (const contract of [1n, 2n, 3n]) {
        link.say("contractReleased", { contract, epoch: 1, reason: 4 });
    }
    assert.deepEqual(said(link), [1n, 2n, 3n]);
    assert.deepEqual(said(link), [1n, 2n, 3n]);
    link.take(answer({ ackBeyond: [2n] }));
    assert.deepEqual(said(link), [1n, 3n]);
    assert.equal(decodeFrame(link.frame()).floor, 1n);
    link.take(answer({ ackThrough: 3n }));
    assert.ok(link.isQuiet);
    assert.equal(decodeFrame(link.frame()).floor, 4n);
});

test("what comes is handed on once, in any order, and acknowledged", () => {
    const link = new Link(7, 4);
    const two = answer({ envelopes: [{ sequence: 2n, ...closing(20n) }] });
    assert.equal(link.take(two).length, 1);
    assert.equal(link.take(two).length, 0);
    assert.deepEqual(decodeFrame(link.frame()).ackThrough, 0n);
    assert.deepEqual(decodeFrame(link.frame()).ackBeyond, [2n]);
    assert.equal(link.take(answer({ envelopes: [{ sequence: 1n, ...closing(10n) }] })).length, 1);
    assert.equal(decodeFrame(link.frame()).ackThrough, 2n);
});

test("what has expired at the hub is not waited for", () => {
    const link = new Link(7, 4);
    link.take(answer({ envelopes: [{ sequence: 5n, ...closing(1n) }] }));
    link.take(answer({ floor: 5n }));
    assert.equal(decodeFrame(link.frame()).ackThrough, 5n);
});

test("perishables come as often as they are sent, and frames of others not at all", () => {
    const link = new Link(7, 4);
    const frame = answer({ envelopes: [{ sequence: 0n, ...closing(1n) }] });
    assert.equal(link.take(frame).length, 1);
    assert.equal(link.take(frame).length, 1);
    const stranger = answer({ from: hub(5), envelopes: [{ sequence: 1n, ...closing(1n) }] });
    assert.equal(link.take(stranger).length, 0);
});

test("a frame carries at most 62 numbered messages and 4096 bytes", () => {
    const link = new Link(7, 4);
    for (let contract = 0n; contract < 100n; contract++) {
        link.say("contractReleased", { contract, epoch: 1, reason: 4 });
    }
    assert.equal(said(link).length, 62);
    const big = new Link(7, 4);
    const step = { quantity: 1e15, pricePerLot: 1e15, arrives: 1e10, sigma: 1000 };
    const bids = Array.from({ length: 20 }, (_, i) => ({ bounty: BigInt(i), reason: 0, steps: [step] }));
    for (let cycle = 0; cycle < 9; cycle++) {
        big.say("bidSheet", { cycle, blanket: 0, bids });
    }
    assert.ok(big.frame().length <= 4096 && said(big).length > 1 && said(big).length < 9);
});

test("a message comes out as it went in", () => {
    assert.deepEqual(unseal({ sequence: 0n, ...closing(9n) }), {
        name: "contractClosed", body: { contract: 9n, epoch: 1, outcome: 1, weighed: 5, paid: 6 },
    });
});
