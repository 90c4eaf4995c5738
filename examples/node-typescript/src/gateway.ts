// Calls over gRPC: gateway.md. The server is known by its certificate's digest, a node by its signature.
import { createHash } from "node:crypto";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { callBytes, enrolmentBytes, type Key } from "./signature.js";

// Compiled, this file is examples/node-typescript/out/src/gateway.js.
const protos = fileURLToPath(new URL("../../../../src/Hanse.Api", import.meta.url));

export interface Answer {
    frames: Buffer[];
    come_again_milliseconds: number;
    refused: { place: number; reason: string }[];
}

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

    async enrol(token: Uint8Array, key: Key): Promise<{ node: number; mission: Buffer }> {
        const signature = key.sign(enrolmentBytes(token));
        return this.ask("Enrol", { token, public_key: key.publicKey, signature });
    }

    async sync(
        node: number, mission: Uint8Array, key: Key, frames: Uint8Array[]): Promise<Answer> {
        // A count that needs no memory: the clock, and on from there.
        const clock = BigInt(Date.now()) * 1000n;
        this.count = clock > this.count ? clock : this.count + 1n;
        const signature = key.sign(callBytes(mission, node, this.count, frames));
        const call = { node, count: `${this.count}`, frames, wait_milliseconds: 1000, signature };
        return this.ask("Sync", call);
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
