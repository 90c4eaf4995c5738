// Frames: hanse.v1.Frame of link.proto in its one encoding, by the rules of wire.md.
import { decode, encode, Refused, type Schema } from "./cbor.js";
import { bodies, type Body, type Message, type Name } from "./messages.js";

export interface Party { kind: number; number: number }
export const hub = (region: number): Party => ({ kind: 2, number: region });
export const machine = (node: number): Party => ({ kind: 3, number: node });

export interface Envelope { sequence: bigint; kind: number; body: Uint8Array }

export interface Frame {
    from: Party;
    to: Party;
    hail: boolean;
    floor: bigint;
    ackThrough: bigint;
    ackBeyond: bigint[];
    envelopes: Envelope[];
}

export const frameMax = 4096;
const sequenceMax = (1n << 63n) - 1n;

export function seal<N extends Name>(name: N, body: Body<N>): { kind: number; body: Uint8Array } {
    const [kind, schema] = bodies[name];
    return { kind, body: encode(schema as unknown as Schema<Body<N>>, body) };
}

export const schemas = new Map<number, Schema<unknown>>(
    Object.values(bodies).map(([kind, schema]) => [kind, schema as Schema<unknown>]));

const names = new Map(Object.entries(bodies).map(([name, [kind]]) => [kind as number, name]));

export function unseal(envelope: Envelope): Message {
    const body = decode(schemas.get(envelope.kind)!, envelope.body);
    return { name: names.get(envelope.kind), body } as Message;
}

// ---- Protobuf ----

function varint(value: bigint): number[] {
    const result: number[] = [];
    for (; value > 0x7fn; value >>= 7n) {
        result.push(Number(value & 0x7fn) | 0x80);
    }
    return [...result, Number(value)];
}

// A field that is zero or empty is left out.
function numberField(field: number, value: bigint): number[] {
    return value === 0n ? [] : [field << 3, ...varint(value)];
}

function bytesField(field: number, value: ArrayLike<number>): number[] {
    return [field << 3 | 2, ...varint(BigInt(value.length)), ...Array.from(value)];
}

function partyField(field: number, { kind, number }: Party): number[] {
    return bytesField(field, [...numberField(1, BigInt(kind)), ...numberField(2, BigInt(number))]);
}

export function encodeFrame(frame: Frame): Uint8Array {
    return Uint8Array.from([
        ...numberField(1, 1n),
        ...partyField(2, frame.from),
        ...partyField(3, frame.to),
        ...numberField(4, frame.hail ? 1n : 0n),
        ...numberField(5, frame.floor),
        ...numberField(6, frame.ackThrough),
        ...(frame.ackBeyond.length === 0 ? [] : bytesField(7, frame.ackBeyond.flatMap(varint))),
        ...frame.envelopes.flatMap(one => bytesField(8, [
            ...numberField(1, one.sequence), ...numberField(2, BigInt(one.kind)), ...bytesField(3, one.body),
        ])),
    ]);
}

type Field = { field: number; value: bigint | Uint8Array };

function fields(bytes: Uint8Array): Field[] {
    const result: Field[] = [];
    for (let at = 0; at < bytes.length;) {
        const next = (): bigint => {
            const read = readVarint(bytes, at);
            at = read.at;
            return read.value;
        };
        const tag = Number(next());
        const kind = tag & 7;
        if (kind !== 0 && kind !== 2) {
            throw new Refused("no field of a frame is of this type");
        }
        const value = next();
        if (kind === 0) {
            result.push({ field: tag >> 3, value });
        } else {
            if (value > BigInt(bytes.length - at)) {
                throw new Refused("a length beyond the end");
            }
            result.push({ field: tag >> 3, value: bytes.subarray(at, at += Number(value)) });
        }
    }
    return result;
}

function readVarint(bytes: Uint8Array, at: number): { value: bigint; at: number } {
    for (let value = 0n, shift = 0n; shift < 70n; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined) {
            throw new Refused("a number is cut off");
        }
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return { value, at };
        }
    }
    throw new Refused("a number of more than ten bytes");
}

function numberOf(all: Field[], field: number): bigint {
    const value = all.find(one => one.field === field)?.value ?? 0n;
    return typeof value === "bigint" ? value : 0n;
}

function bytesOf(all: Field[], field: number): Uint8Array {
    const value = all.find(one => one.field === field)?.value;
    return value instanceof Uint8Array ? value : new Uint8Array();
}

function readParty(bytes: Uint8Array): Party {
    const all = fields(bytes);
    return { kind: Number(numberOf(all, 1)), number: Number(numberOf(all, 2)) };
}

// Reads what there is, checks it, and refuses what is not written in the one way in which it would be written
// here: fields that are unknown, repeated, out of order, padded, or zero and yet there.
export function decodeFrame(bytes: Uint8Array, known = schemas): Frame {
    check(bytes.length <= frameMax, "more than 4096 bytes");
    const all = fields(bytes);
    check(numberOf(all, 1) === 1n, "only version 1 is spoken here");
    const frame: Frame = {
        from: readParty(bytesOf(all, 2)),
        to: readParty(bytesOf(all, 3)),
        hail: numberOf(all, 4) === 1n,
        floor: numberOf(all, 5),
        ackThrough: numberOf(all, 6),
        ackBeyond: [],
        envelopes: all.filter(one => one.field === 8).map(one => {
            const parts = fields(one.value as Uint8Array);
            const kind = Number(numberOf(parts, 2));
            return { sequence: numberOf(parts, 1), kind, body: bytesOf(parts, 3) };
        }),
    };
    const beyond = bytesOf(all, 7);
    for (let at = 0; at < beyond.length;) {
        const read = readVarint(beyond, at);
        frame.ackBeyond.push(read.value);
        at = read.at;
    }
    checkFrame(frame, known);
    check(Buffer.from(encodeFrame(frame)).equals(bytes), "not the one encoding of a frame");
    return frame;
}

function checkFrame(frame: Frame, known: Map<number, Schema<unknown>>): void {
    for (const party of [frame.from, frame.to]) {
        check(party.kind >= 1 && party.kind <= 3, "an unknown kind of party");
        check(party.kind !== 1 || party.number === 0, "there is one strategic layer");
        check(party.number <= 0xffffffff, "a number beyond 32 bits");
    }
    check(frame.floor >= 1n && frame.floor <= sequenceMax, "floor is out of range");
    check(frame.ackThrough <= sequenceMax, "ack_through is out of range");
    check(frame.ackBeyond.length <= 64, "ack_beyond has too many elements");
    frame.ackBeyond.reduce((last, one) => {
        check(one > last && one <= sequenceMax, "ack_beyond does not increase");
        return one;
    }, frame.ackThrough + 1n);
    check(frame.envelopes.length <= 64, "too many envelopes");
    const numbered = frame.envelopes.map(one => one.sequence).filter(one => one !== 0n);
    check(numbered.every(one => one >= frame.floor && one <= sequenceMax), "a sequence is out of range");
    check(new Set(numbered).size === numbered.length, "two envelopes have the same sequence");
    for (const { kind, body } of frame.envelopes) {
        const schema = known.get(kind);
        check(schema !== undefined, `kind ${kind} is unknown`);
        decode(schema!, body);
    }
}

function check(holds: boolean, otherwise: string): void {
    if (!holds) {
        throw new Refused(otherwise);
    }
}
