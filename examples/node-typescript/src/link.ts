// One link with one hub: links.md. What counts has a number, is kept until it is acknowledged, and is sent
// again until then; what has come before is not handed on again.
import {
    decodeFrame, encodeFrame, type Envelope, type Frame, frameMax, hub, machine, seal, unseal,
} from "./frame.js";
import type { Body, Message, Name } from "./messages.js";

// What must outlive the program: numbers must not begin anew while the hub remembers the old ones.
export interface LinkMemory {
    next: bigint; // The number of the next message.
    waiting: Envelope[]; // Said and not acknowledged, oldest first.
    through: bigint; // All of the hub's up to here have come, or will never come.
    beyond: bigint[]; // What has come after that.
}

export const noMemory = (): LinkMemory => ({ next: 1n, waiting: [], through: 0n, beyond: [] });

const beyondMax = 64;
const numberedMax = 62;

export class Link {
    constructor(private readonly node: number, readonly region: number, readonly memory = noMemory()) {}

    say<N extends Name>(name: N, body: Body<N>): void {
        this.memory.waiting.push({ sequence: this.memory.next++, ...seal(name, body) });
    }

    get isQuiet(): boolean {
        return this.memory.waiting.length === 0;
    }

    // What the node says now: a hail, what has come, and all that waits as far as it fits.
    frame(): Uint8Array {
        const frame: Frame = {
            from: machine(this.node), to: hub(this.region), hail: true,
            floor: this.memory.waiting[0]?.sequence ?? this.memory.next,
            ackThrough: this.memory.through, ackBeyond: this.memory.beyond, envelopes: [],
        };
        let bytes = encodeFrame(frame);
        for (const envelope of this.memory.waiting.slice(0, numberedMax)) {
            frame.envelopes.push(envelope);
            const longer = encodeFrame(frame);
            if (longer.length > frameMax) {
                break;
            }
            bytes = longer;
        }
        return bytes;
    }

    // Messages of the hub that have not come before, in the order of the frame.
    take(bytes: Uint8Array): Message[] {
        const frame = decodeFrame(bytes);
        if (frame.from.kind !== 2 || frame.from.number !== this.region || frame.to.number !== this.node) {
            return [];
        }
        const memory = this.memory;
        const isAcknowledged = (one: Envelope): boolean =>
            one.sequence <= frame.ackThrough || frame.ackBeyond.includes(one.sequence);
        memory.waiting = memory.waiting.filter(one => !isAcknowledged(one));
        this.settle(frame.floor - 1n);
        return frame.envelopes.filter(one => one.sequence === 0n || this.isNew(one.sequence)).map(unseal);
    }

    private isNew(sequence: bigint): boolean {
        const { through, beyond } = this.memory;
        if (sequence <= through || beyond.includes(sequence)) {
            return false;
        }
        if (sequence > through + 1n && beyond.length >= beyondMax) {
            return false; // Not taken: it will come again.
        }
        beyond.push(sequence);
        beyond.sort((a, b) => (a < b ? -1 : 1));
        this.settle(through);
        return true;
    }

    private settle(through: bigint): void {
        const memory = this.memory;
        memory.through = through > memory.through ? through : memory.through;
        while (memory.beyond.includes(memory.through + 1n)) {
            memory.through++;
        }
        memory.beyond = memory.beyond.filter(one => one > memory.through);
    }
}
