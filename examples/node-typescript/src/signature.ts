// Ed25519 (RFC 8032) and what a node and its gateway sign with it: gateway.md, sections 3 to 5.
import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";

// What DER says before the 32 bytes of a key (RFC 8410).
const secretHead = Buffer.from("302e020100300506032b657004220420", "hex");
const publicHead = Buffer.from("302a300506032b6570032100", "hex");

export class Key {
    private readonly key;

    constructor(readonly secret: Uint8Array = randomBytes(32)) {
        const key = Buffer.concat([secretHead, secret]);
        this.key = createPrivateKey({ key, format: "der", type: "pkcs8" });
    }

    get publicKey(): Buffer {
        return createPublicKey(this.key).export({ format: "der", type: "spki" }).subarray(publicHead.length);
    }

    sign(bytes: Uint8Array): Buffer {
        return sign(null, bytes, this.key);
    }
}

export function isBy(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
    if (publicKey.length !== 32 || signature.length !== 64) {
        return false;
    }
    const key = createPublicKey({ key: Buffer.concat([publicHead, publicKey]), format: "der", type: "spki" });
    return verify(null, bytes, key, signature);
}

export function enrolmentBytes(token: Uint8Array): Buffer {
    return Buffer.concat([Buffer.from("hanse/enrolment/1\0"), token]);
}

export function callBytes(mission: Uint8Array, node: number, count: bigint, frames: Uint8Array[]): Buffer {
    return Buffer.concat([
        Buffer.from("hanse/call/1\0"), mission, big(4, node), big(8, count), big(4, frames.length),
        ...frames.flatMap(frame => [big(4, frame.length), frame]),
    ]);
}

export function enrolledBytes(
    mission: Uint8Array, serial: number, node: number, publicKey: Uint8Array, token: Uint8Array): Buffer {
    return Buffer.concat([
        Buffer.from("hanse/enrolled/1\0"), mission, big(4, serial), big(4, node), publicKey, token,
    ]);
}

export interface Answered {
    serial: bigint;
    count: bigint;
    comeAgain: number;
    keyDue: number;
    frames: Uint8Array[];
    refused: { place: number; reason: string }[];
}

// "key" is the number of the gateway key, "opening" the count of the call that opened the stream; of a Sync,
// of the call itself.
export function answerBytes(
    mission: Uint8Array, key: number, node: number, opening: bigint, answer: Answered): Buffer {
    return Buffer.concat([
        Buffer.from("hanse/answer/1\0"), mission, big(4, key), big(4, node), big(8, opening),
        big(8, answer.serial), big(8, answer.count), big(4, answer.comeAgain), big(4, answer.keyDue),
        big(4, answer.frames.length),
        ...answer.frames.flatMap(frame => [big(4, frame.length), frame]),
        big(4, answer.refused.length),
        ...answer.refused.flatMap(({ place, reason }) => {
            const text = Buffer.from(reason);
            return [big(4, place), big(4, text.length), text];
        }),
    ]);
}

export function gatewayKeyBytes(mission: Uint8Array, serial: number, key: Uint8Array): Buffer {
    return Buffer.concat([Buffer.from("hanse/gateway-key/1\0"), mission, big(4, serial), key]);
}

// What a node's key and the one after it sign; this node never changes its own.
export function nodeKeyBytes(
    mission: Uint8Array, node: number, serial: number, former: Uint8Array, key: Uint8Array): Buffer {
    return Buffer.concat([
        Buffer.from("hanse/node-key/1\0"), mission, big(4, node), big(4, serial), former, key,
    ]);
}

export function nodeKeyTakenBytes(
    mission: Uint8Array, gatewayKey: number, node: number, serial: number, key: Uint8Array): Buffer {
    return Buffer.concat([
        Buffer.from("hanse/node-key-taken/1\0"), mission, big(4, gatewayKey), big(4, node), big(4, serial), key,
    ]);
}

// The gateway key that a node has: serial 0 for one that it was given, and no key for none.
export interface Pin { serial: number; key?: Uint8Array }

export interface ToldKey { serial: number; key: Uint8Array; signature: Uint8Array }

export class Doubt extends Error {}

// The newest key, as far as each has signed the next, when it has signed what is signed under its number.
export function follow(
    mission: Uint8Array, pin: Pin, told: ToldKey[], signed: (serial: number) => Uint8Array,
    signature: Uint8Array): Pin {
    let at = pin;
    if (at.serial === 0) {
        const { key } = at;
        const first = key === undefined ? told[0] : told.find(one => Buffer.compare(one.key, key) === 0);
        if (first === undefined) {
            throw new Doubt("the gateway does not have the key that is trusted, or names none");
        }
        at = { serial: first.serial, key: first.key };
    }
    for (const { serial, key, signature: voucher } of told.filter(one => one.serial > at.serial)) {
        if (serial !== at.serial + 1 || !isBy(at.key!, gatewayKeyBytes(mission, serial, key), voucher)) {
            throw new Doubt(`nobody that is trusted vouches for gateway key ${serial}`);
        }
        at = { serial, key };
    }
    if (!isBy(at.key!, signed(at.serial), signature)) {
        throw new Doubt("the answer is not by the mission's gateway, or not to this call");
    }
    return at;
}

function big(size: 4 | 8, value: number | bigint): Buffer {
    const bytes = Buffer.alloc(size);
    if (size === 4) {
        bytes.writeUInt32BE(Number(value));
    } else {
        bytes.writeBigUInt64BE(BigInt(value));
    }
    return bytes;
}
