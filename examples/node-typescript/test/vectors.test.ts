// The vectors of docs/protocol/vectors, as far as this node says or hears what is in them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, encode, record, Refused, type Schema, whole } from "../src/cbor.js";
import { decodeFrame, encodeFrame, schemas } from "../src/frame.js";
import {
    answerBytes, callBytes, Doubt, enrolledBytes, enrolmentBytes, follow, gatewayKeyBytes, isBy, Key,
    nodeKeyBytes, nodeKeyTakenBytes,
} from "../src/signature.js";

interface Vector { title: string; bytes: Buffer }

function vectors(file: string): Vector[] {
    const path = new URL(`../../../../docs/protocol/vectors/${file}`, import.meta.url);
    return readFileSync(path, "utf8").split(/\n\s*\n/).map(block => {
        const lines = block.split("\n");
        const digits = lines.filter(line => !line.startsWith("#")).join("");
        return { title: lines.find(line => line.startsWith("#")) ?? "", bytes: Buffer.from(digits, "hex") };
    }).slice(1); // The first block is about the file.
}

// Two kinds of the hubs, with which the vectors show what is refused of any.
const known = new Map<number, Schema<any>>([
    ...schemas,
    [20, record({ capacity: whole(0, 0x7fffffff) })],
    [23, record({ transfer: whole(0, 2 ** 53) })],
]);

// Whatever is canonical: for the kinds of hubs in the vector with a message of every kind.
const anything: Schema<void> = {
    write: () => undefined,
    read: from => {
        const { major, value } = from.head();
        if (major === 2) {
            from.raw(Number(value));
        }
        for (let i = 0n; major === 4 && i < value; i++) {
            anything.read(from);
        }
    },
};
const all = new Map(Array.from({ length: 62 }, (_, kind) => [kind, known.get(kind) ?? anything]));

for (const { title, bytes } of vectors("accepted.hex")) {
    test(`accepted: ${title.slice(2)}`, () => {
        const frame = decodeFrame(bytes, all);
        assert.deepEqual(Buffer.from(encodeFrame(frame)), bytes);
        for (const { kind, body } of frame.envelopes.filter(one => known.has(one.kind))) {
            assert.deepEqual(encode(known.get(kind)!, decode(known.get(kind)!, body)), Uint8Array.from(body));
        }
    });
}

for (const { title, bytes } of vectors("refused.hex")) {
    test(`refused: ${title.slice(2)}`, () => assert.throws(() => decodeFrame(bytes, known), Refused));
}

test("what a node signs", () => {
    const [secret, publicKey, token, enrolment, enrolmentSignature, mission, frame, call, callSignature,
        empty, emptySignature] = vectors("gateway.hex").map(vector => vector.bytes) as [Buffer, ...Buffer[]];
    const key = new Key(secret);
    assert.deepEqual(key.publicKey, publicKey);
    assert.deepEqual(enrolmentBytes(token!), enrolment);
    assert.deepEqual(key.sign(enrolment!), enrolmentSignature);
    assert.deepEqual(callBytes(mission!, 7, 1000001n, [frame!]), call);
    assert.deepEqual(key.sign(call!), callSignature);
    assert.deepEqual(callBytes(mission!, 7, 1000002n, []), empty);
    assert.ok(isBy(publicKey!, empty!, emptySignature!));
    assert.ok(!isBy(publicKey!, call!, emptySignature!));
});

test("what is signed when a node changes its key", () => {
    const all = vectors("gateway.hex").map(vector => vector.bytes);
    const [secret, publicKey, , , , mission] = all as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
    const [nextSecret, next, change, byFormer, byNew, taken, takenSignature] = all.slice(22) as Buffer[];
    assert.deepEqual(new Key(nextSecret!).publicKey, next);
    assert.deepEqual(nodeKeyBytes(mission, 7, 2, publicKey, next!), change);
    assert.deepEqual(new Key(secret).sign(change!), byFormer);
    assert.deepEqual(new Key(nextSecret!).sign(change!), byNew);
    assert.deepEqual(nodeKeyTakenBytes(mission, 1, 7, 2, next!), taken);
    assert.ok(isBy(all[11]!, taken!, takenSignature!));
});

test("what a gateway signs", () => {
    const all = vectors("gateway.hex").map(vector => vector.bytes);
    const [, publicKey, token, , , mission] = all as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
    const [first, enrolled, enrolledSignature, frame, answer, answerSignature, away, awaySignature, second,
        next, nextSignature] = all.slice(11) as Buffer[];
    assert.deepEqual(enrolledBytes(mission, 1, 7, publicKey, token), enrolled);
    const refused = [{ place: 1, reason: "no h\u00fcb 77" }];
    const said = { serial: 2n, count: 1000001n, comeAgain: 0, keyDue: 0, frames: [frame!], refused };
    assert.deepEqual(answerBytes(mission, 1, 7, 1000001n, said), answer);
    const later = { serial: 1n, count: 1000002n, comeAgain: 1500, keyDue: 3, frames: [], refused: [] };
    assert.deepEqual(answerBytes(mission, 1, 7, 1000002n, later), away);
    assert.deepEqual(gatewayKeyBytes(mission, 2, second!), next);

    const told = [{ serial: 1, key: first!, signature: Buffer.alloc(0) }];
    const pin = follow(mission, { serial: 0 }, told, () => enrolled!, enrolledSignature!);
    assert.deepEqual(pin, { serial: 1, key: first });
    assert.deepEqual(follow(mission, { serial: 0, key: first! }, told, () => enrolled!, enrolledSignature!), pin);
    assert.deepEqual(follow(mission, pin, [], () => answer!, answerSignature!), pin);
    assert.deepEqual(follow(mission, pin, [], () => away!, awaySignature!), pin);
    const chain = [{ serial: 2, key: second!, signature: nextSignature! }];
    for (const [has, keys, bytes, signature] of [
        [pin, [], away!, answerSignature!], // Of another answer.
        [pin, [], answer!, Buffer.alloc(0)],
        [pin, chain, answer!, answerSignature!], // By a key that was replaced.
        [pin, [{ ...chain[0]!, serial: 3 }], answer!, answerSignature!],
        [pin, [{ ...chain[0]!, signature: answerSignature! }], answer!, answerSignature!],
        [{ serial: 0, key: second! }, told, enrolled!, enrolledSignature!],
        [{ serial: 0 }, [], enrolled!, enrolledSignature!],
    ] as const) {
        assert.throws(() => follow(mission, has, [...keys], () => bytes, signature), Doubt);
    }
});
