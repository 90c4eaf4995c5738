// Calls over gRPC: gateway.md. The server is known by its certificate's digest, a node by its signature, an
// answer by the mission's.
import { createHash } from "node:crypto";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import {
    answerBytes, callBytes, enrolledBytes, enrolmentBytes, follow, type Key, type Pin, type ToldKey,
} from "./signature.js";

// Compiled, this file is examples/node-typescript/out/src/gateway.js.
const protos = fileURLToPath(new URL("../../../../src/Hanse.Api", import.meta.url));

export interface Answer {
    frames: Buffer[];
    come_again_milliseconds: number;
    refused: { place: number; reason: string }[];
    count: string;
    serial: string;
    signature: Buffer;
    key_due: number;
    gateway_keys: ToldKey[];
}

export interface Enrolled { node: number; mission: Buffer; pin: Pin }

// The certificate that the server shows, if its SHA-256 is the one that was told.
export function certificate(host: string, port: number, fingerprint: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
        const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
            const shown = socket.getPeerCertificate().raw;
            socket.end();
            const digest = createHash("sha256").update(shown).digest("hex");
            if (digest === fingerprint.trim().toLowerCase()) {
                resolve(Buffer.from(`-----BEGIN CERTIFICATE-----\n${shown.toString("base64")}\n`
                    + "-----END CERTIFICATE-----\n"));
            } else {
                reject(new Error(`a certificate with the digest ${digest} is not to be trusted`));
            }
        });
        socket.on("error", reject);
    });
}

export class Gateway {
    private readonly client;
    private count = 0n;

    constructor(address: string, trusted: Buffer) {
        const loaded = loadSync("hanse/v1/gateway.proto", {
            includeDirs: [protos], keepCase: true, defaults: true,
        });
        const { Gateway: Client } = (grpc.loadPackageDefinition(loaded) as any).hanse.v1;
        const credentials = grpc.credentials.createSsl(trusted, null, null, {
            checkServerIdentity: () => undefined, // Names do not matter: the certificate is the one.
        });
        const options = { "grpc.ssl_target_name_override": "localhost" };
        this.client = new Client(address, credentials, options);
    }

    // "trusted" is the gateway key that the operator told, if he did.
    async enrol(token: Uint8Array, key: Key, trusted?: Uint8Array): Promise<Enrolled> {
        const signature = key.sign(enrolmentBytes(token));
        const taken = await this.ask("Enrol", { token, public_key: key.publicKey, signature });
        const signed = (serial: number): Buffer =>
            enrolledBytes(taken.mission, serial, taken.node, key.publicKey, token);
        const pin = follow(
            taken.mission, { serial: 0, key: trusted }, taken.gateway_keys, signed, taken.signature);
        return { node: taken.node, mission: taken.mission, pin };
    }

    // The answer is the mission's own, to this call; what is pinned from then on goes with it.
    async sync(
        node: number, mission: Uint8Array, key: Key, pin: Pin, frames: Uint8Array[],
    ): Promise<{ answer: Answer; pin: Pin }> {
        // A count that needs no memory: the clock, and on from there.
        const clock = BigInt(Date.now()) * 1000n;
        this.count = clock > this.count ? clock : this.count + 1n;
        const signature = key.sign(callBytes(mission, node, this.count, frames));
        const call = {
            node, count: `${this.count}`, frames, wait_milliseconds: 1000, signature, gateway_key: pin.serial,
        };
        const answer: Answer = await this.ask("Sync", call);
        const { count } = this;
        const signed = (serial: number): Buffer => answerBytes(mission, serial, node, count, {
            serial: BigInt(answer.serial), count, comeAgain: answer.come_again_milliseconds,
            keyDue: answer.key_due,
            frames: answer.frames, refused: answer.refused,
        });
        return { answer, pin: follow(mission, pin, answer.gateway_keys, signed, answer.signature) };
    }

    close(): void {
        this.client.close();
    }

    private ask(method: string, request: object): Promise<any> {
        return new Promise((resolve, reject) => {
            const options = { deadline: Date.now() + 45_000 };
            this.client[method](request, options, (error: Error | null, answer: unknown) =>
                error ? reject(error) : resolve(answer));
        });
    }
}
