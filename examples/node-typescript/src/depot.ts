// A stand-in for a depot: a berth with a scale. What it says to the hub is depots.proto, as JSON over HTTP;
// what a node says to it is an affair of the two of them, here JSON over a local port.
import { createServer, type Server } from "node:http";
import { request } from "node:https";

export interface Docking {
    node: number;
    docking: number; // The node's count.
    contract: string;
    epoch: number;
    commodity: number;
    grams: number; // What lies on the scale.
    propellantGrams: number;
    sparesPpm: number;
}

export interface DockAnswer {
    answered: boolean;
    propellantGrams: number;
    sparesPpm: number;
}

export interface HubAddress { host: string; port: number; trusted: Buffer; token: string; depot: number }

export function openDepot(hub: HubAddress, port: number): Server {
    const weighed = new Map<string, number>(); // Once a docking: the same is told however often it is asked.
    const server = createServer(async (asked, answer) => {
        try {
            const docking: Docking = JSON.parse(await text(asked));
            const berth = `${docking.node} ${docking.docking}`;
            if (!weighed.has(berth)) {
                weighed.set(berth, docking.grams); // The scale of this depot has no error.
                console.log(`depot ${hub.depot}: node ${docking.node} has brought ${docking.grams} g`);
            }
            answer.end(JSON.stringify(await tell(hub, docking, weighed.get(berth)!)));
        } catch (error) {
            console.log(`depot ${hub.depot}: ${(error as Error).message}`);
            answer.writeHead(502).end(JSON.stringify({ answered: false }));
        }
    });
    return server.listen(port, "127.0.0.1");
}

// Numbers of 64 bits are strings in the JSON of protobuf.
async function tell(hub: HubAddress, docking: Docking, weighed: number): Promise<DockAnswer> {
    const answer = await post(hub, `/v1/depots/${hub.depot}/dockings`, {
        node: docking.node, docking: docking.docking, contract: docking.contract, epoch: docking.epoch,
        commodity: docking.commodity, weighedGrams: `${weighed}`,
        propellantGrams: `${docking.propellantGrams}`, sparesPpm: docking.sparesPpm,
    });
    const { answered, propellantGrams, sparesPpm } = answer;
    return { answered, propellantGrams: Number(propellantGrams), sparesPpm };
}

function post(hub: HubAddress, path: string, content: object): Promise<any> {
    return new Promise((resolve, reject) => {
        const call = request({
            host: hub.host, port: hub.port, path, method: "POST", ca: hub.trusted,
            checkServerIdentity: () => undefined, timeout: 30_000,
            headers: { authorization: `Bearer ${hub.token}`, "content-type": "application/json" },
        }, async response => {
            const said = await text(response);
            if (response.statusCode === 200) {
                resolve(JSON.parse(said));
            } else {
                reject(new Error(`the hub says ${response.statusCode}: ${said}`));
            }
        });
        call.on("timeout", () => call.destroy(new Error("the hub does not answer")));
        call.on("error", reject);
        call.end(JSON.stringify(content));
    });
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
    const parts: Buffer[] = [];
    for await (const part of stream) {
        parts.push(part);
    }
    return Buffer.concat(parts).toString();
}
