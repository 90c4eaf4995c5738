// Canonical CBOR (RFC 8949, section 4.2.1) as wire.md, section 2, has it: whole numbers, byte strings and
// arrays, heads in their fewest bytes. A schema reads a body, writes it, and refuses what it does not allow.

export class Refused extends Error {}

function refuse(reason: string): never {
    throw new Refused(reason);
}

export class Writer {
    private readonly bytes: number[] = [];

    head(major: number, value: bigint): void {
        const power = value < 1n << 8n ? 0 : value < 1n << 16n ? 1 : value < 1n << 32n ? 2 : 3;
        const size = value < 24n ? 0 : 1 << power;
        this.bytes.push(major << 5 | (size === 0 ? Number(value) : 24 + power));
        for (let i = size - 1; i >= 0; i--) {
            this.bytes.push(Number(value >> BigInt(8 * i) & 0xffn));
        }
    }

    raw(bytes: Uint8Array): void {
        this.bytes.push(...bytes);
    }

    done(): Uint8Array {
        return Uint8Array.from(this.bytes);
    }
}

export class Reader {
    private at = 0;

    constructor(private readonly bytes: Uint8Array) {}

    head(): { major: number; value: bigint } {
        const first = this.raw(1)[0]!;
        const info = first & 31;
        if (info < 24) {
            return { major: first >> 5, value: BigInt(info) };
        }
        if (info > 27) {
            refuse("an indefinite or reserved length");
        }
        const size = 1 << info - 24;
        const value = this.raw(size).reduce((sum, byte) => sum << 8n | BigInt(byte), 0n);
        if (value < (size === 1 ? 24n : 1n << BigInt(4 * size))) {
            refuse("a head that is not in its shortest form");
        }
        return { major: first >> 5, value };
    }

    raw(count: number): Uint8Array {
        if (this.at + count > this.bytes.length) {
            refuse("cut off");
        }
        return this.bytes.subarray(this.at, this.at += count);
    }

    end(): void {
        if (this.at < this.bytes.length) {
            refuse("bytes after the message");
        }
    }
}

export interface Schema<T> {
    write(value: T, to: Writer): void;
    read(from: Reader): T;
}

export type Of<S> = S extends Schema<infer T> ? T : never;

export function encode<T>(schema: Schema<T>, value: T): Uint8Array {
    const writer = new Writer();
    schema.write(value, writer);
    return writer.done();
}

export function decode<T>(schema: Schema<T>, bytes: Uint8Array): T {
    const reader = new Reader(bytes);
    const value = schema.read(reader);
    reader.end();
    return value;
}

// A whole number that may be beyond what a JavaScript number holds.
export function large(least: bigint, most: bigint): Schema<bigint> {
    const check = (value: bigint): bigint =>
        value < least || value > most ? refuse(`${value} is out of range`) : value;
    return {
        write: (value, to) => check(value) < 0n ? to.head(1, -1n - value) : to.head(0, value),
        read: from => {
            const { major, value } = from.head();
            return major === 0 ? check(value) : major === 1 ? check(-1n - value) : refuse("not a number");
        },
    };
}

export function whole(least: number, most: number): Schema<number> {
    const inner = large(BigInt(least), BigInt(most));
    return { write: (value, to) => inner.write(BigInt(value), to), read: from => Number(inner.read(from)) };
}

export function bytes(least: number, most = least): Schema<Uint8Array> {
    const check = (size: number): number => size < least || size > most ? refuse(`${size} bytes`) : size;
    return {
        write: (value, to) => {
            to.head(2, BigInt(check(value.length)));
            to.raw(value);
        },
        read: from => {
            const { major, value } = from.head();
            return major === 2 ? from.raw(check(Number(value))) : refuse("not a byte string");
        },
    };
}

export function list<T>(least: number, most: number, of: Schema<T>): Schema<T[]> {
    const check = (size: number): number => size < least || size > most ? refuse(`${size} elements`) : size;
    return {
        write: (value, to) => {
            to.head(4, BigInt(check(value.length)));
            value.forEach(element => of.write(element, to));
        },
        read: from => {
            const { major, value } = from.head();
            const size = major === 4 ? check(Number(value)) : refuse("not an array");
            return Array.from({ length: size }, () => of.read(from));
        },
    };
}

// An array of all its fields in order.
export function record<R extends object>(fields: { [K in keyof R]: Schema<R[K]> }): Schema<R> {
    const order = Object.keys(fields) as (keyof R)[];
    return {
        write: (value, to) => {
            to.head(4, BigInt(order.length));
            order.forEach(name => fields[name].write(value[name], to));
        },
        read: from => {
            const { major, value } = from.head();
            if (major !== 4 || value !== BigInt(order.length)) {
                refuse("not a record of as many fields");
            }
            const result = {} as R;
            order.forEach(name => result[name] = fields[name].read(from));
            return result;
        },
    };
}

// What CDDL cannot say.
export function rule<T>(schema: Schema<T>, name: string, holds: (value: T) => boolean): Schema<T> {
    const check = (value: T): T => holds(value) ? value : refuse(name);
    return { write: (value, to) => schema.write(check(value), to), read: from => check(schema.read(from)) };
}
