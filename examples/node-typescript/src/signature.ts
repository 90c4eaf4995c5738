// Ed25519 (RFC 8032) and what a node signs with it: gateway.md, sections 3 and 4.
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

function big(size: 4 | 8, value: number | bigint): Buffer {
    const bytes = Buffer.alloc(size);
    if (size === 4) {
        bytes.writeUInt32BE(Number(value));
    } else {
        bytes.writeBigUInt64BE(BigInt(value));
    }
    return bytes;
}
